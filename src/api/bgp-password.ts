/** TCP-MD5 takes no more (Linux, TCP_MD5SIG_MAXKEYLEN). */
const mostPasswordBytes = 80;

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Longer texts are not even looked at. */
const longestText = 256;

/**
 * The password that a base64 text holds (RFC 4648), undefined if the text is empty; or what is wrong, which repeats nothing of it.
 * At most 80 bytes of UTF-8.
 */
export function parsePassword(text: string): { readonly password: string | undefined } | { readonly problem: string } {
  if (text === "") return { password: undefined };
  if (text.length > longestText || !base64.test(text)) return { problem: "is no base64" };
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  if (bytes.length > mostPasswordBytes)
    return { problem: `holds ${bytes.length} bytes, a password has at most ${mostPasswordBytes}` };
  try {
    return { password: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { problem: "holds bytes that are no UTF-8" };
  }
}
