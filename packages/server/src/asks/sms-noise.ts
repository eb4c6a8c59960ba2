/**
 * What a phone adds to a text that nobody typed: signatures, quotes of our own texts, the subject's "Re:". And texts that no
 * person wrote: reactions to a message, forwards, automatic answers.
 *
 * What must stay true: nothing is taken away that could change a decision. A signature is removed only word for word as
 * devices write it; a quote only where a quote is marked, or where our own text begins the message.
 */

/** No person decided anything by these. */
const REACTION =
  /^\s*(?:liked|loved|disliked|laughed at|emphasi[sz]ed|questioned|removed an? [\p{L} ]{1,20} from|reacted .{1,12} to|gefällt mir:?|le gusta|a aimé|[^\p{L}\p{N}\s]{1,8}\s+to)\s*["“”„«]/iu;
const MACHINE =
  /^\W*(?:auto(?:matic|mated)?[-\s]?(?:reply|response|answer)|automatische antwort|out of (?:the )?office|i['’]?m driving with|i['’]m not receiving notifications|sorry,? i can['’]?t talk right now|(?:fwd?|wg|tr|rv)\s*:)/iu;

const DEVICE =
  'iphone|ipad|ipod|apple watch|samsung|galaxy|android|pixel|google|blackberry|huawei|xiaomi|oneplus|motorola|nokia|yahoo mail|mail|gmail|outlook|proton|smartphone|cell phone|cellphone|phone|mobile|device|tablet|watch|ios|handy|móvil|téléphone|telefon|5g|lte|pro|max|plus|mini|ultra|note|fold|flip|[a-z]?\\d{1,2}';
const SIGNATURE = new RegExp(
  `\\s*(?:(?:sent\\s+(?:from|via)|enviado\\s+desde|envoyé (?:de|depuis)|inviato da|gesendet von|enviado do|wysłane z|verzonden vanaf)(?:\\s+(?:my|mi|mon|mio|meu|mijn|meinem|for|on|using|the|${DEVICE}))+\\.?|von mein(?:em|er) (?:${DEVICE}) gesendet\\.?|get outlook for (?:ios|android)(?:\\s*<https:\\/\\/aka\\.ms\\/\\w+>)?)\\s*$`,
  'iu',
);

/** The first line of a text of ours: the frame, then what an ask says of itself. */
const OUR_FIRST_LINE =
  /^["“”„'‘]?\[[^\]\n]{1,40}\]\s+(?:[0-9A-Z]{4}\s+)?(?:asks|Plan|waits for you|Limit|done|error|Bash|Write|Edit|MultiEdit|NotebookEdit|Read|Glob|Grep|WebFetch|WebSearch|Task|mcp\S*)(?: \S{1,80})?:/u;
/** The last line of a text of ours. */
const OUR_LAST_LINE = /^(?:Reply |Needs your screen: |OK [0-9A-Z]{4} or NO [0-9A-Z]{4})/;

/** The text without what nobody typed; null when a machine wrote it, or nothing is left. */
export function withoutNoise(text: string): string | null {
  if (REACTION.test(text) || MACHINE.test(text)) return null;
  const typed = withoutOurText(
    withoutMarkedQuotes(text.replace(SIGNATURE, '')).replace(/^\s*(?:re|aw|sv)\s*:\s*/iu, ''),
  );
  return nothingLeft(typed, text) ? null : unwrapped(typed).replace(PLACEHOLDER, ' $1 ');
}

/** `OK <7K3F>`, as somebody copies an example. Any other `>` quotes something. */
const PLACEHOLDER = /<([\p{L}\p{N} ]{4,8})>/gu;

const nothingLeft = (typed: string, text: string): boolean => typed.trim() === '' && /[\p{L}\p{N}]/u.test(text);

/** Quotes around the whole text. */
function unwrapped(text: string): string {
  return /^\s*["“„‘']([^"“”„‘]*)["”“’']\s*$/u.exec(text)?.[1] ?? text;
}

const MARKED = /^[^\S\n]*["“”„'‘\u200b-\u200f]*[^\S\n]*>/m;
/** A mark alone quotes nothing. */
const MARKED_WORDS = new RegExp(`${MARKED.source}[^\\n]*[\\p{L}\\p{N}]`, 'mu');

/** Lines that begin with `>`, and the line that introduces them. */
function withoutMarkedQuotes(text: string): string {
  if (!MARKED_WORDS.test(text)) return text;
  const lines = text.split('\n');
  const quoted = (line: string | undefined): boolean => line !== undefined && MARKED.test(line);
  return lines
    .filter((line, index) => {
      const introduces =
        /^\s*(?:on|am|el|le) .{4,100}:\s*$/iu.test(line) &&
        quoted(lines.slice(index + 1).find((each) => each.trim() !== ''));
      return !quoted(line) && !introduces;
    })
    .join('\n');
}

/** Our own text at the start, up to its instructions, as a phone copies it into an answer. */
function withoutOurText(text: string): string {
  const lines = text.replace(/^\s+/, '').split('\n');
  if (!OUR_FIRST_LINE.test(lines[0] ?? '')) return text;
  const last = lines.findIndex((line) => OUR_LAST_LINE.test(line));
  return lines.slice(Math.max(last, 0) + 1).join('\n');
}
