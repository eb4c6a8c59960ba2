/** The file of GATEWAY_CONFIG, read and found to be usable here. */
import { createGateway } from '@claude-companion/gateway';
import { ConfigError } from '../config/config.ts';
import {
  type GatewayConfig,
  gatewayConfigProblem,
  NO_GATEWAY_CONFIG,
  readGatewayConfig,
} from '../config/gateway-config.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @param file undefined: nothing is configured
 * @throws ConfigError with one line per problem, each naming its field
 */
export async function loadGatewayConfig(file: string | undefined, environment: Environment): Promise<GatewayConfig> {
  if (file === undefined) return NO_GATEWAY_CONFIG;
  const given = await readGatewayConfig(file);
  await checkNames(given, environment);
  return given;
}

/**
 * Names in the file must lead somewhere. A provider that has no key yet is no mistake: the same file may serve several
 * machines, and a chain goes on to the next model.
 */
async function checkNames(given: GatewayConfig, environment: Environment): Promise<void> {
  const { providers, aliases, fallbacks, prices, cheaper } = given;
  const probe = createGateway({
    authorize: () => false,
    environment,
    providers,
    aliases,
    fallbacks: {},
    demoStandsIn: false,
  });
  const problems: string[] = [];
  const check = (path: readonly string[], model: string): void => {
    const found = probe.describe(model);
    if (found.reachable || found.reason === 'not_configured') return;
    problems.push(gatewayConfigProblem(path, found.message));
  };
  for (const [id, { keyVariable }] of Object.entries(providers)) {
    check(['providers', id], `${id}/any`);
    if (keyVariable !== undefined && !environment[keyVariable]) {
      problems.push(gatewayConfigProblem(['providers', id, 'keyVariable'], `the variable ${keyVariable} is not set`));
    }
  }
  for (const [name, model] of Object.entries(aliases)) check(['aliases', name], model);
  for (const [name, models] of Object.entries(fallbacks)) {
    for (const [index, model] of models.entries()) check(['fallbacks', name, String(index)], model);
  }
  for (const name of Object.keys(prices)) if (name !== 'demo/demo') check(['prices', name], name);
  for (const [name, model] of Object.entries(cheaper)) check(['cheaper', name], model);
  await probe.close();
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
}
