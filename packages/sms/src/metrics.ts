/** Counts of one channel since it was made. */
export interface SmsMetrics {
  /** Texts that were parsed. */
  inboundCount: number;
  /** Texts the carrier took. */
  outboundCount: number;
  /** Webhooks with a wrong signature. */
  signatureFailures: number;
  /** Webhooks that parsed to nothing: copies and texts that are no texts. */
  duplicates: number;
  /** Texts that could not be sent. */
  errors: number;
}

/** Something that counts: every `SmsAdapter` does. */
export interface MetricsSource {
  readonly channelId: string;
  getMetrics(): SmsMetrics;
}

interface Family {
  name: string;
  help: string;
  label: string;
}

const FAMILIES: Readonly<Record<keyof SmsMetrics, Family>> = {
  inboundCount: { label: 'Inbound', name: 'sms_inbound_total', help: 'Texts received.' },
  outboundCount: { label: 'Outbound', name: 'sms_outbound_total', help: 'Texts the carrier took.' },
  signatureFailures: {
    label: 'Signature Failures',
    name: 'sms_signature_failures_total',
    help: 'Webhooks refused for their signature.',
  },
  duplicates: { label: 'Duplicates', name: 'sms_duplicates_total', help: 'Webhooks that parsed to nothing.' },
  errors: { label: 'Errors', name: 'sms_errors_total', help: 'Texts that could not be sent.' },
};

const KEYS = Object.keys(FAMILIES) as (keyof SmsMetrics)[];

export function emptyMetrics(): SmsMetrics {
  return { inboundCount: 0, outboundCount: 0, signatureFailures: 0, duplicates: 0, errors: 0 };
}

/** Prints the counts of `source`, one line each: `Inbound: 3`. */
export function exportMetrics(source: MetricsSource, print: (line: string) => void = console.log): void {
  const metrics = source.getMetrics();
  for (const key of KEYS) print(`${FAMILIES[key].label}: ${metrics[key]}`);
}

/** The counts of all `sources` in the Prometheus text format, labelled with their channel. */
export function prometheusMetrics(sources: readonly MetricsSource[]): string {
  const lines = KEYS.flatMap((key) => {
    const { name, help } = FAMILIES[key];
    const samples = sources.map(
      (source) => `${name}{channel="${escapeLabel(source.channelId)}"} ${source.getMetrics()[key]}`,
    );
    return [`# HELP ${name} ${help}`, `# TYPE ${name} counter`, ...samples];
  });
  return `${lines.join('\n')}\n`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
