/** Bytes as `hexdump -C` shows them. */
export interface HexRow {
  /** `00000010` */
  offset: string;
  /** Two digits a byte, a wider gap after eight. */
  hex: string;
  /** Printable ASCII, the rest as dots. */
  ascii: string;
}

/** Bytes a row: sixteen, or eight where there is little room. */
export type RowBytes = 8 | 16;

/** The row with this index, of a string of hex digits. */
export function hexRow(digits: string, index: number, size: RowBytes): HexRow {
  const start = index * size;
  const bytes = digits.slice(start * 2, (start + size) * 2).match(/../g) ?? [];
  const left = bytes.slice(0, 8).join(" ");
  const right = bytes.slice(8).join(" ");
  return {
    offset: start.toString(16).padStart(8, "0"),
    hex: size === 8 ? left.padEnd(23) : `${left.padEnd(23)}  ${right.padEnd(23)}`,
    ascii: bytes.map(printable).join(""),
  };
}

export const hexRows = (digits: string, size: RowBytes): number =>
  Math.ceil(digits.length / 2 / size);

function printable(byte: string): string {
  const code = Number.parseInt(byte, 16);
  return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : "·";
}
