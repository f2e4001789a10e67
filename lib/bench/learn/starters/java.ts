/** Starters in Java. Tested by `tests/bench/learn/starters_test.ts`. */

import { type Language, stemOf, stubsOf } from "./starter.ts";

/** Java, with Gson, built by Maven. */
export const java: Language = {
  id: "java",
  title: "Java 17 or newer and Maven, with the library Gson",
  starterOf: (lesson) => {
    const folder = `${stemOf(lesson)}-java`;
    const cases = stubsOf(lesson).map(({ type, description, reply, task }) =>
      [
        `            // ${description}`,
        ...task.map((line) => `            // ${line}`),
        `            case "${type}" -> reply(request, """\n                ${reply}""");`,
      ].join("\n")
    );
    const source = `${folder}/src/main/java/Node.java`;
    return {
      source,
      executable: `${folder}/node`,
      build: `cd ${folder} && mvn --quiet package`,
      files: [
        { path: `${folder}/pom.xml`, text: pom(stemOf(lesson).replaceAll("_", "-")) },
        { path: source, text: program(lesson.workload, cases.join("\n")) },
        {
          path: `${folder}/node`,
          isScript: true,
          text:
            '#!/bin/sh\nexec java -cp "$(dirname "$0")/target/classes:$(dirname "$0")/target/lib/*" Node "$@"\n',
        },
      ],
    };
  },
};

const pom = (name: string) =>
  `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>node</groupId>
  <artifactId>${name}</artifactId>
  <version>1</version>
  <properties>
    <maven.compiler.release>17</maven.compiler.release>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency>
      <groupId>com.google.code.gson</groupId>
      <artifactId>gson</artifactId>
      <version>2.11.0</version>
    </dependency>
  </dependencies>
  <build>
    <plugins>
      <plugin>
        <artifactId>maven-dependency-plugin</artifactId>
        <executions>
          <execution>
            <phase>package</phase>
            <goals><goal>copy-dependencies</goal></goals>
            <configuration><outputDirectory>target/lib</outputDirectory></configuration>
          </execution>
        </executions>
      </plugin>
    </plugins>
  </build>
</project>
`;

const program = (workload: string, cases: string) =>
  `/** A node for the workload ${workload}: one JSON message per line on stdin and stdout. Log to System.err. */

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

public class Node {
    private String id = "";
    private JsonArray ids = new JsonArray();
    private long nextMsgId = 0;

    /** Sends a message to a node or a client. */
    void send(String dest, JsonObject body) {
        body.addProperty("msg_id", nextMsgId++);
        JsonObject message = new JsonObject();
        message.addProperty("src", id);
        message.addProperty("dest", dest);
        message.add("body", body);
        System.out.println(message);
        System.out.flush();
    }

    void reply(JsonObject request, String json) {
        JsonObject body = JsonParser.parseString(json).getAsJsonObject();
        body.add("in_reply_to", request.getAsJsonObject("body").get("msg_id"));
        send(request.get("src").getAsString(), body);
    }

    void handle(JsonObject request) {
        JsonObject body = request.getAsJsonObject("body");
        switch (body.get("type").getAsString()) {
            case "init" -> {
                id = body.get("node_id").getAsString();
                ids = body.getAsJsonArray("node_ids");
                reply(request, "{type: init_ok}");
            }
${cases}
            default -> System.err.println("unknown message: " + request);
        }
    }

    public static void main(String[] args) throws IOException {
        Node node = new Node();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            node.handle(JsonParser.parseString(line).getAsJsonObject());
        }
    }
}
`;
