/** Starters in Rust. Tested by `tests/bench/learn/starters_test.ts`. */

import { type Language, stemOf, stubsOf } from "./starter.ts";

/** Rust, with serde_json. */
export const rust: Language = {
  id: "rust",
  title: "Rust, with the crate serde_json",
  starterOf: (lesson) => {
    const folder = `${stemOf(lesson)}-rust`;
    const name = stemOf(lesson).replaceAll("_", "-");
    const arms = stubsOf(lesson).map(({ type, description, reply, task }) =>
      [
        `            // ${description}`,
        ...task.map((line) => `            // ${line}`),
        `            "${type}" => self.reply(&request, json!(${reply})),`,
      ].join("\n")
    );
    const source = `${folder}/src/main.rs`;
    return {
      source,
      executable: `${folder}/target/release/${name}`,
      build: `cd ${folder} && cargo build --release`,
      files: [
        { path: `${folder}/Cargo.toml`, text: manifest(name) },
        { path: source, text: program(lesson.workload, arms.join("\n")) },
      ],
    };
  },
};

const manifest = (name: string) =>
  `[package]
name = "${name}"
version = "0.1.0"
edition = "2021"

[dependencies]
serde_json = "1"
`;

const program = (workload: string, arms: string) =>
  `//! A node for the workload ${workload}: one JSON message per line on stdin and stdout. Log with eprintln!.

use serde_json::{json, Value};
use std::io::{stdin, BufRead};

#[derive(Default)]
struct Node {
    id: String,
    #[allow(dead_code)] // until this node talks to the others
    ids: Vec<String>,
    next_msg_id: u64,
}

impl Node {
    /// Sends a message to a node or a client.
    fn send(&mut self, dest: &str, mut body: Value) {
        self.next_msg_id += 1;
        body["msg_id"] = json!(self.next_msg_id);
        println!("{}", json!({"src": self.id, "dest": dest, "body": body}));
    }

    fn reply(&mut self, request: &Value, mut body: Value) {
        body["in_reply_to"] = request["body"]["msg_id"].clone();
        self.send(request["src"].as_str().unwrap_or_default(), body);
    }

    fn handle(&mut self, request: Value) {
        let body = &request["body"];
        match body["type"].as_str().unwrap_or_default() {
            "init" => {
                self.id = body["node_id"].as_str().unwrap_or_default().to_string();
                let ids = body["node_ids"].as_array().into_iter().flatten();
                self.ids = ids.filter_map(|id| id.as_str()).map(String::from).collect();
                self.reply(&request, json!({"type": "init_ok"}));
            }
${arms}
            _ => eprintln!("unknown message: {request}"),
        }
    }
}

fn main() {
    let mut node = Node::default();
    for line in stdin().lock().lines() {
        let line = line.expect("stdin is readable");
        node.handle(serde_json::from_str(&line).expect("each line is JSON"));
    }
}
`;
