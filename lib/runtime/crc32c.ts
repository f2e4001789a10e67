/** CRC-32C (Castagnoli), the checksum of iSCSI (RFC 3720, appendix B.4) and of most storage engines. */

const POLYNOMIAL = 0x82f63b78; // reflected

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  return crc;
});

const encoder = new TextEncoder();

/** The CRC-32C of a text's UTF-8 bytes, or of bytes, as an unsigned 32-bit number. */
export function crc32c(data: string | Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of typeof data === "string" ? encoder.encode(data) : data) {
    crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
