/** CRC-32C (Castagnoli), the checksum of iSCSI (RFC 3720, appendix B.4) and of most storage engines. */

const POLYNOMIAL = 0x82f63b78; // reflected

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  return crc;
});

const encoder = new TextEncoder();

/**
 * Returns the CRC-32C of bytes, or of a text's UTF-8 bytes, as an unsigned 32-bit number. With the checksum of what comes
 * before as `previous`, returns the checksum of both together.
 */
export function crc32c(data: string | Uint8Array, previous = 0): number {
  const bytes = typeof data === "string" ? encoder.encode(data) : data;
  let crc = ~previous;
  // By index, because iterating over the bytes takes several times as long.
  for (let i = 0; i < bytes.length; i++) {
    crc = (crc >>> 8) ^ (table[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0);
  }
  return ~crc >>> 0;
}
