/** What a Claude Code process says about itself when it starts. The account it is signed in with stays out: it names a person. */
import type { Query } from '@anthropic-ai/claude-agent-sdk';
import type { AgentInfo } from '../agent.ts';

export async function agentInfo(query: Query): Promise<AgentInfo> {
  const { commands, agents, models, output_style, available_output_styles } = await query.initializationResult();
  return {
    commands: commands.map(({ name, description, argumentHint }) => ({ name, description, argumentHint })),
    outputStyle: output_style,
    capabilities: {
      output_styles: available_output_styles,
      models: models.map(({ value, displayName, description }) => ({
        value,
        display_name: displayName,
        description,
      })),
      agents: agents.map(({ name, description }) => ({ name, description })),
      permission_modes: ['default', 'acceptEdits', 'plan'],
      images: true,
      streaming: true,
    },
  };
}
