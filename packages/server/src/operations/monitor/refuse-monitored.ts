import { CompanionError } from '@claude-companion/protocol';
import type { SessionRow } from '../../store/sessions.ts';

/** What only a session that this server runs can be told. */
export function refuseMonitored({ kind }: Pick<SessionRow, 'kind'>): void {
  if (kind !== 'monitored') return;
  throw new CompanionError(
    'SESSION_INVALID_STATE',
    'This session runs in a terminal and only reports here: type it there.',
  );
}
