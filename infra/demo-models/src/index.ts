export { type DrawnPicture, drawPicture, type PictureId } from "./draw-picture.ts";
export {
  encodePicture,
  generatePictures,
  type GeneratedPicture,
  type GeneratePicturesOptions,
} from "./generate-pictures.ts";
export { FORBIDDEN_KIND, PICTURE_KINDS, type PictureKind } from "./picture-kind.ts";
export { DEMO_MODELS, type DemoModel, findModelCard } from "./model-card.ts";
