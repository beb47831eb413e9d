import { makeClamdPlace } from "../testing/clamd-place.ts";
import { makeHttpPlace } from "../testing/http-place.ts";
import { describeUploadLine } from "../testing/upload-conformance.ts";

describeUploadLine("http", makeHttpPlace);
describeUploadLine("clamd", makeClamdPlace);
