import { assertEquals } from "@std/assert";
import { crc32c } from "../../lib/runtime/crc32c.ts";

Deno.test("CRC-32C gives the values of RFC 3720, appendix B.4", () => {
  assertEquals(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assertEquals(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assertEquals(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
  assertEquals(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i)), 0x113fdb5c);
});

Deno.test("the CRC-32C of the check string is the published one, and of no bytes 0", () => {
  assertEquals(crc32c("123456789"), 0xe3069283);
  assertEquals(crc32c(""), 0);
});

Deno.test("the CRC of a string is that of its UTF-8 bytes", () => {
  assertEquals(crc32c("é漢🐙"), crc32c(new TextEncoder().encode("é漢🐙")));
});

Deno.test("a change of any bit changes the CRC", () => {
  const bytes = new TextEncoder().encode("a record of a log");
  const seen = new Set([crc32c(bytes)]);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = bytes.slice();
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    seen.add(crc32c(changed));
  }
  assertEquals(seen.size, bytes.length * 8 + 1);
});
