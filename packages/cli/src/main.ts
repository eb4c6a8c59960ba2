#!/usr/bin/env node
/** The `companion` command. Only this file touches the process; each command is a function of its surroundings. */
import { CompanionError } from '@claude-companion/protocol';
import { ConfigError, VERSION } from '@claude-companion/server';
import { Command, Option } from 'commander';
import type { ServerOptions } from './connect.ts';
import { demo } from './demo/demo.ts';
import { type DoctorFlags, doctor } from './doctor/doctor.ts';
import { type GatewayFlags, gateway } from './gateway/gateway.ts';
import { type UsageFlags, usage } from './gateway/usage.ts';
import { phone } from './phone.ts';
import { answer, asks, link, run } from './remote.ts';
import { serve } from './serve/serve.ts';
import { openSurroundings } from './surroundings.ts';
import { webhook } from './webhook.ts';

const surroundings = openSurroundings();

/** One clear line for what a person can mend, the whole error for what is our fault. */
function fail(error: unknown): void {
  const known = error instanceof ConfigError || error instanceof CompanionError;
  surroundings.stderr(known ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
}

const guarded =
  <A extends unknown[]>(command: (...args: A) => Promise<number>) =>
  async (...args: A): Promise<void> => {
    try {
      process.exitCode = await command(...args);
    } catch (error) {
      fail(error);
    }
    // Timers of a finished command must not keep the terminal waiting.
    if (process.exitCode !== undefined) process.exit();
  };

const program = new Command('companion')
  .description('Runs your coding agents, texts you when one needs you, and carries your answer back.')
  .version(VERSION)
  .showHelpAfterError('(companion --help shows how)');

const url = new Option('--url <url>', 'the server').default('http://127.0.0.1:3001').env('COMPANION_URL');
const token = new Option('--token <token>', 'its token; default: the file it was kept in').env('AUTH_TOKEN');

program
  .command('serve')
  .description('start the server')
  .option('--port <port>', 'port to listen on')
  .option('--host <host>', 'address to listen on')
  .option('--data-dir <dir>', 'where the server keeps its data')
  .option('--projects-dir <dir>', 'the directory whose sub-directories are the projects')
  .action(guarded((options: Record<string, string>) => serve(surroundings, options)));

program
  .command('demo')
  .description('see the main job in a minute: an agent asks, a text goes out, an answer comes in, the work goes on')
  .option('--keep', 'leave the server up and type the replies yourself')
  .action(guarded((options: { keep?: boolean }) => demo(surroundings, options)));

program
  .command('phone')
  .description('the simulated phone: read the texts, type the replies')
  .addOption(url)
  .addOption(token)
  .action(guarded((options: ServerOptions) => phone(surroundings, options)));

program
  .command('run <project> <message>')
  .description('give an agent something to do in a project, and watch it')
  .addOption(url)
  .addOption(token)
  .action(
    guarded((project: string, message: string, options: ServerOptions) =>
      run(surroundings, options, { project, message }),
    ),
  );

program
  .command('asks')
  .description('what your agents need from you now')
  .addOption(url)
  .addOption(token)
  .action(guarded((options: ServerOptions) => asks(surroundings, options)));

program
  .command('answer <ask> <decision> [message]')
  .description('answer an ask: allow, deny, or reply with a message; <ask> is the beginning of its id')
  .addOption(url)
  .addOption(token)
  .action(
    guarded((...[ask, decision, message, options]: [string, string, string | undefined, ServerOptions]) =>
      answer(surroundings, options, { ask, decision, message }),
    ),
  );

program
  .command('link')
  .description('a link that opens one signed-in screen, once, within ten minutes')
  .option('--phone <phone>', 'for the person who paired this phone, in place of you; do not send it by text message')
  .addOption(url)
  .addOption(token)
  .action(guarded((options: ServerOptions & { phone?: string }) => link(surroundings, options)));

program
  .command('gateway')
  .description('only the gateway: /v1/messages to any model, for Claude Code and other clients')
  .option('--port <port>', 'port to listen on', '3002')
  .option('--host <host>', 'address to listen on', '127.0.0.1')
  .addOption(new Option('--token <token>', 'what clients present; default: one is made').env('GATEWAY_TOKEN'))
  .addOption(
    new Option('--config <file>', 'aliases, fallbacks, providers and prices (docs/gateway.md)').env('GATEWAY_CONFIG'),
  )
  .addHelpText(
    'after',
    '\nKeys of providers come from their usual variables: OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, …',
  )
  .action(guarded((options: GatewayFlags) => gateway(surroundings, options)));

program
  .command('usage')
  .description('what models were asked for and what it cost, by session, person, day and model')
  .option('--from <day>', 'first day, such as 2026-11-01')
  .option('--to <day>', 'last day')
  .option('--session <id>', 'of one session; the beginning of its id is enough')
  .option('--json', 'as JSON')
  .addOption(url)
  .addOption(token)
  .action(guarded((options: UsageFlags) => usage(surroundings, options)));

program
  .command('doctor')
  .description('why a text would not reach you now, and what else is wrong; changes nothing')
  .addOption(new Option('--url <url>', 'the server; default: where the settings say').env('COMPANION_URL'))
  .option('--json', 'as JSON')
  .action(guarded((options: DoctorFlags) => doctor(surroundings, options)));

program
  .command('webhook [action]')
  .description('the secret address at which Twilio brings texts; "rotate" replaces it')
  .option('--keep <hours>', 'how long the old address still works', '24')
  .addOption(url)
  .addOption(token)
  .action(
    guarded((action: string | undefined, options: ServerOptions & { keep?: string }) =>
      webhook(surroundings, options, action),
    ),
  );

await program.parseAsync();
