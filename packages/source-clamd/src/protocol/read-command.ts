import { ProtocolError, type SocketReader } from "./socket-reader.ts";

export interface Command {
  readonly name: string;
  /** What follows the name, as the bytes that came; a path. */
  readonly argument: Buffer;
  /** What ends the command, and must end the reply: NUL after `z`, a newline otherwise. */
  readonly end: "\0" | "\n";
}

/** Names and paths; the longest path of Linux has 4096 bytes. */
const MAX_COMMAND_BYTES = 4096 + 32;

const [NUL, NEWLINE, SPACE, CARRIAGE_RETURN] = [0x00, 0x0a, 0x20, 0x0d];

/**
 * Reads a command in any of clamd's framings (clamd(8), COMMANDS): `zNAME …\0`, `nNAME …\n`, or the old one without a prefix, which
 * sessions forbid. Null at the end of the connection.
 *
 * @throws ProtocolError
 */
export async function readCommand(
  reader: SocketReader,
  { mayBeBare }: { readonly mayBeBare: boolean },
): Promise<Command | null> {
  const prefix = await reader.peek();
  if (prefix === null) return null;
  const isPrefixed = prefix === 0x7a || prefix === 0x6e; // z, n
  if (!isPrefixed && !mayBeBare) throw new ProtocolError("a command without z or n in a session");
  if (isPrefixed) await reader.readExactly(1);
  const hasNul = prefix === 0x7a;
  const line = await reader.readUntil(hasNul ? NUL : NEWLINE, MAX_COMMAND_BYTES);
  if (line === null) return null;
  const text = line.at(-1) === CARRIAGE_RETURN && !hasNul ? line.subarray(0, -1) : line;
  const space = text.indexOf(SPACE);
  const name = (space === -1 ? text : text.subarray(0, space)).toString("latin1");
  const argument = space === -1 ? Buffer.alloc(0) : Buffer.from(text.subarray(space + 1));
  return { name, argument, end: hasNul ? "\0" : "\n" };
}
