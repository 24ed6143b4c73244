/** The codes of RFC 5880, 4.1, that Herald sends. */
export const diagnostic = {
  none: 0,
  detectionTimeExpired: 1,
  neighbourSignalledDown: 3,
  administrativelyDown: 7,
} as const;

/** The place is the code. */
const words = [
  "no diagnostic",
  "control detection time expired",
  "echo function failed",
  "neighbour signalled session down",
  "forwarding plane reset",
  "path down",
  "concatenated path down",
  "administratively down",
  "reverse concatenated path down",
  "mis-connectivity defect",
];

/** A diagnostic code in the words of RFC 5880, 4.1 and RFC 6428. */
export function diagnosticWords(code: number): string {
  return words[code] ?? `diagnostic ${code}`;
}
