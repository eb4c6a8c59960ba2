/**
 * Several sides in turns, compared round by round. On a machine that has other things to do a request costs twice as much in one
 * second as in the next, but neighbours in time suffer alike: the ratio within a round is steadier than the figures it is of.
 */
import type { Bodies } from './gateway-body.ts';
import { cpuPerRequest, quantile, type Served, type Shot, sequentialP50, volley } from './gateway-load.ts';

export interface Side {
  name: string;
  served: Served;
  shot: (size: keyof Bodies) => Shot;
}

export interface Plan {
  size: keyof Bodies;
  rounds: number;
  /** Requests of a side in a round whose CPU is counted, and those that are timed one after the other. */
  counted: number;
  timed: number;
  /** Until the compiler is through with them, all sides cost two to three times as much. */
  warmUp: number;
}

interface Sample {
  cpuMs: number;
  p50Ms: number;
}

type Samples = ReadonlyMap<string, Sample[]>;

async function measure(sides: readonly Side[], { size, rounds, counted, timed, warmUp }: Plan): Promise<Samples> {
  const samples = new Map(sides.map(({ name }) => [name, [] as Sample[]]));
  for (const { shot } of sides) await volley(shot(size), warmUp);
  for (let round = 0; round < rounds; round += 1) {
    // There and back again: nobody always comes first.
    for (const { name, served, shot } of round % 2 === 0 ? sides : sides.toReversed()) {
      const cpuMs = await cpuPerRequest(served, shot(size), counted);
      samples.get(name)?.push({ cpuMs, p50Ms: await sequentialP50(shot(size), timed) });
    }
  }
  return samples;
}

function line(name: string, own: readonly Sample[], base: readonly Sample[]): string {
  const ratios = own.map(({ cpuMs }, round) => cpuMs / (base[round]?.cpuMs ?? Number.NaN));
  const added = own.map(({ p50Ms }, round) => p50Ms - (base[round]?.p50Ms ?? Number.NaN));
  const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => quantile(ratios, part).toFixed(2));
  const cpuMs = quantile(
    own.map((sample) => sample.cpuMs),
    0.5,
  );
  return `  ${name.padEnd(38)} ${cpuMs.toFixed(2)} ms CPU a request = ${middle} × (half of the rounds: ${low} to ${high}); p50 ${quantile(added, 0.5).toFixed(2)} ms more`;
}

/** Prints what each side costs, as a ratio to the one it is named with. The first side is the floor. */
export async function compare(
  title: string,
  sides: readonly (Side & { against?: string })[],
  plan: Plan,
): Promise<void> {
  const samples = await measure(sides, plan);
  console.log(title);
  const [floor] = sides;
  for (const { name, against = floor?.name ?? '' } of sides) {
    const own = samples.get(name) ?? [];
    console.log(line(name === against ? name : `${name} / ${against}`, own, samples.get(against) ?? []));
  }
}
