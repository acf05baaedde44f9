/** For zsh 5 and later, after compinit. */
export const zsh = `#compdef wctl
# Completion of wctl for zsh: source <(wctl completion zsh)
_wctl() {
  local program=\${(Q)words[1]} line value about files
  local -a before values shown open open_shown
  whence -p -- "$program" >/dev/null || program=wctl
  before=("\${(@Q)words[2,CURRENT-1]}")
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      files=1
      continue
    fi
    value=\${line%%$'\\t'*}
    about=\${line#*$'\\t'}
    [[ $line == *$'\\t'* ]] && about="$value  -- $about" || about=$value
    if [[ $value == *[/=] ]]; then
      open+=("$value")
      open_shown+=("$about")
    else
      values+=("$value")
      shown+=("$about")
    fi
  done < <("$program" __complete "=\${(Q)PREFIX}" "\${before[@]}" 2>/dev/null)
  (( $#values )) && compadd -l -d shown -a values
  (( $#open )) && compadd -l -S '' -d open_shown -a open
  if [[ -n $files ]]; then
    compset -P '--*='
    _files
  fi
  (( $#values + $#open )) || [[ -n $files ]]
}
if [[ $funcstack[1] == _wctl ]]; then
  _wctl "$@"
else
  compdef _wctl wctl
fi
`;
