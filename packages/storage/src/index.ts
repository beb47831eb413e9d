// read: objects below a root
export { versionOfFile } from "./read/file-version.ts";
export { createFolderReader, type FolderReaderOptions } from "./read/folder-reader.ts";
// end of read
