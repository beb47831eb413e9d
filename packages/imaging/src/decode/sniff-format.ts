import type { UnscannableReason } from "@sluice/contracts";

/** What the first bytes say; names and extensions are the uploader's and never asked. */
export type Sniffed =
  | { readonly kind: "image"; readonly format: SniffedFormat }
  | { readonly kind: "refused"; readonly reason: UnscannableReason; readonly detail: string };
export type SniffedFormat = "jpeg" | "png" | "gif" | "webp" | "tiff" | "avif";

const SIGNATURES: readonly (readonly [format: SniffedFormat, at: number, bytes: string])[] = [
  ["jpeg", 0, "\u00FF\u00D8\u00FF"],
  ["png", 0, "\u0089PNG\r\n\u001A\n"],
  ["gif", 0, "GIF87a"],
  ["gif", 0, "GIF89a"],
  ["tiff", 0, "II*\0"],
  ["tiff", 0, "MM\0*"],
];

/** Formats that are pictures, but none that this decoder reads from strangers. */
const UNSUPPORTED: readonly (readonly [name: string, bytes: string])[] = [
  ["JPEG XL", "\u00FF\u000A"],
  ["JPEG XL", "\0\0\0\u000CJXL "],
  ["JPEG 2000", "\0\0\0\u000CjP  "],
  ["Photoshop", "8BPS"],
  ["icon", "\0\0\u0001\0"],
  ["PDF", "%PDF-"],
  ["BigTIFF", "II+\0"],
];

export function sniffFormat(bytes: Buffer): Sniffed {
  const head = bytes.toString("latin1", 0, 512);
  for (const [format, at, signature] of SIGNATURES) {
    if (head.startsWith(signature, at)) return { kind: "image", format };
  }
  if (head.startsWith("RIFF") && head.startsWith("WEBP", 8)) {
    return { kind: "image", format: "webp" };
  }
  if (head.startsWith("ftyp", 4)) return sniffHeif(bytes);
  // Two letters alone begin many a text; four reserved bytes of zero follow the size in a BMP.
  if (head.startsWith("BM") && head.startsWith("\0\0\0\0", 6)) {
    return refuse("unsupported-format", "BMP is not decoded");
  }
  for (const [name, signature] of UNSUPPORTED) {
    if (head.startsWith(signature)) return refuse("unsupported-format", `${name} is not decoded`);
  }
  if (/^\s*<(?:\?xml|!doctype svg|svg)/iu.test(head)) {
    return refuse("unsupported-format", "SVG is a program more than a picture and is not rendered");
  }
  return refuse("not-an-image", "the first bytes are of no known picture format");
}

/** Brands of the file type box: major at 8, compatible ones from 16 to its end. ISO/IEC 14496-12, 4.3. */
function sniffHeif(bytes: Buffer): Sniffed {
  const boxEnd = Math.min(bytes.readUInt32BE(0), bytes.length, 256);
  const brands = new Set<string>([bytes.toString("latin1", 8, 12)]);
  for (let at = 16; at + 4 <= boxEnd; at += 4) brands.add(bytes.toString("latin1", at, at + 4));
  if (brands.has("avis"))
    return refuse("hidden-frames", "an AVIF sequence: the decoder sees none of it");
  if (brands.has("avif")) return { kind: "image", format: "avif" };
  if (["heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1"].some((b) => brands.has(b))) {
    return refuse("codec-missing", "HEIC needs the HEVC codec, which the decoder does not have");
  }
  return refuse("not-an-image", "a media file with no picture brand");
}

function refuse(reason: UnscannableReason, detail: string): Sniffed {
  return { kind: "refused", reason, detail };
}
