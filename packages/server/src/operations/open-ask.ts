import type { Ask, AskKind, Question } from '@claude-companion/protocol';
import { makeCode } from '../asks/code.ts';
import { deadlineOf } from '../asks/deadline.ts';
import { hashCall } from '../asks/hash.ts';
import { bodyOf, frameOf } from '../asks/render.ts';
import { assessRisk } from '../asks/risk/assess-risk.ts';
import { assignCode, rememberedCodes } from '../store/ask-codes.ts';
import { type AskRow, insertAsk, listAsks, type NewAsk } from '../store/asks.ts';
import { findPerson } from '../store/people.ts';
import { type SessionRow, updateSession } from '../store/sessions.ts';
import { moveSession, type SessionChangeFrame } from './change-session.ts';
import type { Context } from './context.ts';
import { planDeliveries, reachableByText } from './plan-deliveries.ts';

export interface OpenAsk {
  kind: AskKind;
  tool?: string | undefined;
  input?: Record<string, unknown> | undefined;
  toolUseId?: string | undefined;
  subAgentId?: string | null | undefined;
  questions?: Question[];
  plan?: string | null;
  message?: string | null;
  suggestions?: unknown[];
  blockedPath?: string | null;
}

/** What an approval of this call would approve, and nothing else. */
export function hashOfCall(session: Pick<SessionRow, 'id' | 'cwd'>, call: Pick<OpenAsk, 'tool' | 'input'>): string {
  return hashCall({ tool: call.tool ?? '', input: call.input ?? {}, cwd: session.cwd, sessionId: session.id });
}

/** Commits an ask with its codes and the plan of who is told when. The agent waits until it is settled. */
export async function openAsk(context: Context, frame: SessionChangeFrame, ask: OpenAsk): Promise<Ask['id']> {
  const { ids, policy } = context;
  const { tx, session, now, append } = frame;
  const { risk, reasons } = assessRisk({
    kind: ask.kind,
    tool: ask.tool ?? null,
    input: ask.input ?? {},
    cwd: session.cwd,
    blockedPath: ask.blockedPath ?? null,
    alwaysRequested: false,
  });
  const deadline = deadlineOf({
    openedAt: Date.parse(now),
    permissionTimeoutS: session.permissionTimeoutS ?? policy.permissionTimeoutS,
    reachable: reachableByText(policy, await findPerson(tx, session.personId)),
  });
  const row: NewAsk = {
    id: ids.uuid(),
    sessionId: session.id,
    personId: session.personId,
    kind: ask.kind,
    title: '',
    tool: ask.tool ?? null,
    input: ask.input ?? null,
    toolUseId: ask.toolUseId ?? null,
    subAgentId: ask.subAgentId ?? null,
    questions: ask.questions ?? [],
    plan: ask.plan ?? null,
    message: ask.message ?? null,
    suggestions: ask.suggestions ?? [],
    risk,
    riskReasons: reasons,
    hash: hashOfCall(session, ask),
    openedAt: now,
    deadline: new Date(deadline).toISOString(),
  };
  row.title = titleOf({ ...row, project: session.project, cwd: session.cwd });
  await insertAsk(tx, row);
  const answerable = ask.kind !== 'done' && ask.kind !== 'error';
  if (answerable) {
    await giveCode(context, frame, row);
    session.state = moveSession(session, 'askOpened');
    await updateSession(tx, session.id, { state: session.state, lastActivityAt: now });
  }
  await append({
    sessionId: session.id,
    kind: 'ask.opened',
    data: { askId: row.id, kind: row.kind, title: row.title, tool: row.tool, risk, deadline: row.deadline },
    at: now,
  });
  await planDeliveries(context, frame, row);
  return row.id;
}

const MAX_TITLE = 120;
/** Enough for a code that is far from every one that is taken. */
const CODE_RANDOM_BYTES = 256;

/** One line for lists. An approval is never given from a title alone: what it approves is shown in full. */
function titleOf(ask: Parameters<typeof bodyOf>[0]): string {
  const line = `${frameOf(ask)} ${bodyOf(ask)}`;
  return line.length <= MAX_TITLE ? line : `${line.slice(0, MAX_TITLE - 3)}...`;
}

async function giveCode(context: Context, { tx, now }: SessionChangeFrame, ask: NewAsk): Promise<void> {
  const taken = await rememberedCodes(tx, ask.personId);
  const code = makeCode(context.ids.bytes(CODE_RANDOM_BYTES), taken);
  await assignCode(tx, { personId: ask.personId, code, askId: ask.id, now });
}

/**
 * The ask of an earlier process for exactly this call: the agent, resumed, makes the call again. An open one is taken up;
 * an approved one that was never handed over is used. Two processes of a session never live at once, so an ask that is
 * not pending in this one belongs to a lost one.
 */
export async function findLostAsk(
  context: Context,
  session: Pick<SessionRow, 'id' | 'cwd'>,
  call: { tool: string; input: Record<string, unknown>; pendingHere: ReadonlySet<string> },
): Promise<AskRow | undefined> {
  const hash = hashOfCall(session, call);
  const asks = await listAsks(context.store.db, { sessionId: session.id, states: ['open', 'answered'], limit: 1000 });
  return asks.find((ask) => ask.hash === hash && ask.claimedAt === null && !call.pendingHere.has(ask.id));
}
