import { FORBIDDEN_KIND, PICTURE_KINDS } from "@sluice/demo-models";
import type { SampleUpload } from "./sample-upload.ts";

/** Pictures that no model was trained on; the same on every machine. */
export const SAMPLE_SEED = 20_261;

/** Ordinary pictures of each allowed kind: a few arrive one by one, to see how long one takes, the rest at once. */
const ONE_BY_ONE_PER_KIND = 2;
const AT_ONCE_PER_KIND = 20;

const forbidden = { kind: FORBIDDEN_KIND, index: 0 } as const;
const takenForThePicture = { decision: "quarantine", label: FORBIDDEN_KIND } as const;

/** What the demo uploads one by one, and the state in which each must end. */
export const SPECIAL_UPLOADS: readonly SampleUpload[] = [
  {
    source: "gate",
    path: "holiday.jpg",
    about: "a JPEG that was there before the start",
    recipe: { make: "picture", format: "jpeg", of: { kind: "mountains", index: 0 } },
    arrival: "before-start",
    expected: { decision: "allow", label: "mountains" },
  },
  {
    source: "gate",
    path: "garden/rose.png",
    about: "a PNG in a folder below",
    recipe: { make: "picture", format: "png", of: { kind: "flower", index: 0 } },
    arrival: "written",
    expected: { decision: "allow", label: "flower" },
  },
  {
    source: "gate",
    path: "aquarium.webp",
    about: "a WebP, written slowly",
    recipe: { make: "picture", format: "webp", of: { kind: "fish", index: 0 } },
    arrival: "in-pieces",
    expected: { decision: "allow", label: "fish" },
  },
  {
    source: "gate",
    path: "rain.avif",
    about: "an AVIF",
    recipe: { make: "picture", format: "avif", of: { kind: "umbrella", index: 0 } },
    arrival: "written",
    expected: { decision: "allow", label: "umbrella" },
  },
  {
    source: "gate",
    path: "print/brochure.jpg",
    about: "a CMYK JPEG",
    recipe: { make: "cmyk-jpeg", of: { kind: "checkerboard", index: 0 } },
    arrival: "written",
    expected: { decision: "allow", label: "checkerboard" },
  },
  {
    source: "gate",
    path: "phone/IMG_0042.jpg",
    about: "a JPEG stored on its side, with an EXIF tag",
    recipe: { make: "turned-jpeg", of: { kind: "house", index: 0 } },
    arrival: "written",
    expected: { decision: "allow", label: "house" },
  },
  {
    source: "gate",
    path: "moved/firework.jpg",
    about: "a JPEG moved in, not written",
    recipe: { make: "picture", format: "jpeg", of: { kind: "starburst", index: 0 } },
    arrival: "moved-in",
    expected: { decision: "allow", label: "starburst" },
  },
  {
    source: "gate",
    path: "funny.gif",
    about: "an animated GIF whose third frame is forbidden",
    recipe: {
      make: "animated-gif",
      frames: [
        { kind: "fish", index: 1 },
        { kind: "house", index: 1 },
        { kind: FORBIDDEN_KIND, index: 1 },
        { kind: "flower", index: 1 },
      ],
    },
    arrival: "written",
    expected: { ...takenForThePicture, frame: 2 },
  },
  {
    source: "gate",
    path: "forbidden.jpg",
    about: "a forbidden picture",
    recipe: { make: "picture", format: "jpeg", of: forbidden },
    arrival: "written",
    expected: takenForThePicture,
  },
  {
    source: "gate",
    path: "innocent name.jpg",
    about: "the same bytes under another name",
    recipe: { make: "picture", format: "jpeg", of: forbidden },
    arrival: "moved-in",
    expected: takenForThePicture,
  },
  {
    source: "gate",
    path: "interrupted.jpg",
    about: "a JPEG cut off at a third",
    recipe: { make: "truncated-jpeg", of: { kind: "flower", index: 2 }, keepFraction: 1 / 3 },
    arrival: "written",
    expected: { decision: "review", because: ["damaged", "truncated"] },
  },
  {
    source: "gate",
    path: "notes.jpg",
    about: "text that calls itself .jpg",
    recipe: { make: "text", text: "This is not a picture.\n" },
    arrival: "written",
    expected: { decision: "review", because: ["not-an-image", "unsupported-format"] },
  },
  {
    source: "gate",
    path: "nothing.png",
    about: "a file of zero bytes",
    recipe: { make: "empty" },
    arrival: "written",
    expected: { decision: "review", because: ["empty"] },
  },
  {
    source: "gate",
    path: "huge.png",
    about: "a PNG of 16,000 × 16,000 pixels",
    recipe: { make: "blank-png", width: 16_000, height: 16_000 },
    arrival: "moved-in",
    expected: { decision: "review", because: ["too-many-pixels"] },
  },
  {
    source: "sweep",
    path: "gallery/boat.jpg",
    about: "sweep: an ordinary picture that is public",
    recipe: { make: "picture", format: "jpeg", of: { kind: "fish", index: 2 } },
    arrival: "written",
    expected: { decision: "allow", label: "fish" },
  },
  {
    source: "sweep",
    path: "gallery/bullseye.jpg",
    about: "sweep: a forbidden picture that is public",
    recipe: { make: "picture", format: "jpeg", of: { kind: FORBIDDEN_KIND, index: 2 } },
    arrival: "written",
    expected: takenForThePicture,
  },
];

/** Ordinary pictures of every allowed kind that arrive one by one. */
export const ORDINARY_ONE_BY_ONE = ordinaryPictures("single", ONE_BY_ONE_PER_KIND);

/** Ordinary pictures of every allowed kind that arrive all at once. */
export const ORDINARY_AT_ONCE = ordinaryPictures("album", AT_ONCE_PER_KIND);

function ordinaryPictures(folder: "single" | "album", perKind: number): readonly SampleUpload[] {
  const firstIndex = folder === "single" ? 100 : 200;
  const allowed = PICTURE_KINDS.filter((kind) => kind !== FORBIDDEN_KIND);
  return allowed.flatMap((kind) =>
    Array.from({ length: perKind }, (_, index) => ({
      source: "gate",
      path: `${folder}/${kind}-${String(index + 1).padStart(2, "0")}.jpg`,
      about: `an ordinary picture of ${kind}`,
      recipe: { make: "picture", format: "jpeg", of: { kind, index: firstIndex + index } },
      arrival: "written",
      expected: { decision: "allow" },
    })),
  );
}
