import type { Risk } from '@claude-companion/protocol';

/** One reason for a risk. The text is ours alone: agent-written text never gets into it. */
export interface Finding {
  risk: Risk;
  reason: string;
}

const RANK: Record<Risk, number> = { low: 0, elevated: 1, high: 2 };

export function isAbove(risk: Risk, ceiling: Risk): boolean {
  return RANK[risk] > RANK[ceiling];
}

export function worstOf(findings: readonly Finding[]): Risk {
  return findings.reduce<Risk>((worst, { risk }) => (isAbove(risk, worst) ? risk : worst), 'low');
}

export const high = (reason: string): Finding => ({ risk: 'high', reason });
export const elevated = (reason: string): Finding => ({ risk: 'elevated', reason });
export const low = (reason: string): Finding => ({ risk: 'low', reason });
