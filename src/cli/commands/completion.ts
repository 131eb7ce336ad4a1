import { SassyError } from '../../errors/sassy-error.ts';
import type { Answer } from '../environment.ts';

const COMMANDS = 'run list new query docs doctor help completion';
const VERBS = 'check stream sync parse restream show record test status state';
const SHELLS = ['bash', 'zsh', 'fish'];

/** `sassy completion <shell>`: prints a script. Integrations are completed from the folders, without starting sassy. */
export async function completionCommand(shell: string): Promise<Answer> {
  const script = shell === 'bash' ? BASH : shell === 'zsh' ? ZSH : shell === 'fish' ? FISH : undefined;
  if (script === undefined) {
    throw new SassyError('USAGE', {
      message: `there is no completion for ${JSON.stringify(shell)}`,
      fix: `name one of ${SHELLS.join(', ')}`,
    });
  }
  return { exitCode: 0, json: undefined, text: script };
}

const BASH = `# sassy completion bash >> ~/.bashrc
_sassy() {
  local word="\${COMP_WORDS[COMP_CWORD]}"
  case $COMP_CWORD in
    1) COMPREPLY=($(compgen -W "${COMMANDS}" -- "$word")) ;;
    2) [ "\${COMP_WORDS[1]}" = run ] && COMPREPLY=($(compgen -W "$(ls integrations 2>/dev/null)" -- "$word")) ;;
    3) [ "\${COMP_WORDS[1]}" = run ] && COMPREPLY=($(compgen -W "${VERBS}" -- "$word")) ;;
  esac
}
complete -F _sassy sassy
`;

const ZSH = `#compdef sassy
# sassy completion zsh > "\${fpath[1]}/_sassy"
_sassy() {
  case $CURRENT in
    2) compadd ${COMMANDS} ;;
    3) [[ $words[2] == run ]] && compadd -- integrations/*(N/:t) ;;
    4) [[ $words[2] == run ]] && compadd ${VERBS} ;;
  esac
}
compdef _sassy sassy
`;

const FISH = `# sassy completion fish > ~/.config/fish/completions/sassy.fish
complete -c sassy -f -n __fish_use_subcommand -a '${COMMANDS}'
complete -c sassy -f -n '__fish_seen_subcommand_from run; and test (count (commandline -opc)) -eq 2' -a '(ls integrations 2>/dev/null)'
complete -c sassy -f -n '__fish_seen_subcommand_from run; and test (count (commandline -opc)) -eq 3' -a '${VERBS}'
`;
