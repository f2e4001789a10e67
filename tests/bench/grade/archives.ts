/** Archives for tests, also such as no honest archiver makes. */

import { crc32 } from "node:zlib";

/** An entry of an archive. */
export interface TestEntry {
  readonly path: string;
  readonly text?: string;
  /** The target of a symbolic link. */
  readonly target?: string;
  /** Unix permissions; 0o644 by default. */
  readonly mode?: number;
  /** The type in a tar archive, if it is neither a file nor a link. */
  readonly type?: string;
}

const encoder = new TextEncoder();

/** Returns a tar archive. */
export function tarOf(entries: readonly TestEntry[]): Uint8Array {
  return join([...entries.flatMap(tarEntry), new Uint8Array(1024)]);
}

function tarEntry({ path, text = "", target = "", type, mode = 0o644 }: TestEntry): Uint8Array[] {
  if (path.length > 99) {
    return [
      ...tarEntry({ path: "././@LongLink", text: `${path}\0`, type: "L" }),
      ...tarEntry({ path: path.slice(0, 99), text }),
    ];
  }
  const content = encoder.encode(text);
  const header = new Uint8Array(512);
  const put = (at: number, value: string) => header.set(encoder.encode(value), at);
  put(0, path);
  put(100, `${mode.toString(8).padStart(7, "0")}\0`);
  put(124, `${content.length.toString(8).padStart(11, "0")}\0`);
  put(148, "        ");
  put(156, type ?? (target === "" ? "0" : "2"));
  put(157, target);
  put(257, "ustar\0");
  put(148, `${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0")}\0 `);
  return [header, content, new Uint8Array((512 - content.length % 512) % 512)];
}

/** Returns a zip archive with compressed files. */
export async function zipOf(entries: readonly TestEntry[]): Promise<Uint8Array> {
  const locals: Uint8Array[] = [];
  const list: Uint8Array[] = [];
  for (const { path, text = "", target, mode = 0o644 } of entries) {
    const name = encoder.encode(path);
    const content = encoder.encode(target ?? text);
    const packed = await deflate(content);
    const offset = locals.reduce((sum, { length }) => sum + length, 0);
    const shared = [[2, 20], [2, 0], [2, 8], [4, 0], [4, crc32(content)], [4, packed.length], [
      4,
      content.length,
    ], [
      2,
      name.length,
    ], [2, 0]] as const;
    locals.push(fields([[4, 0x04034b50], ...shared]), name, packed);
    const type = target === undefined ? 0o100000 : 0o120000;
    const rest = [[2, 0], [2, 0], [2, 0], [4, (type | mode) * 2 ** 16], [4, offset]] as const;
    list.push(fields([[4, 0x02014b50], [2, 0x314], ...shared, ...rest]), name);
  }
  const [listAt, listLength] = [locals, list].map((parts) =>
    parts.reduce((sum, { length }) => sum + length, 0)
  );
  const end = [
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, entries.length],
    [2, entries.length],
    [4, listLength ?? 0],
    [4, listAt ?? 0],
    [2, 0],
  ] as const;
  return join([...locals, ...list, fields(end)]);
}

async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Returns little-endian numbers of the given lengths. */
function fields(all: readonly (readonly [length: 2 | 4, value: number])[]): Uint8Array {
  const bytes = new Uint8Array(all.reduce((sum, [length]) => sum + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [length, value] of all) {
    if (length === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += length;
  }
  return bytes;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
