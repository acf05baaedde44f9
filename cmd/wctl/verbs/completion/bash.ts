/** For bash 3.2 and later. Bash parts words at `=` and `:`; they are put together for wctl, and only what follows is replaced. */
export const bash = `# Completion of wctl for bash: source <(wctl completion bash)
_wctl() {
  local program=\${COMP_WORDS[0]} word glue= files= i
  local -a typed=() found=()
  type -P "$program" >/dev/null || program=wctl
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ \${#typed[@]} -gt 0 && ( $word =~ ^[=:]+$ || ( -n $glue && -n $word ) ) ]]; then
      typed[\${#typed[@]}-1]+=$word
    else
      typed+=("$word")
    fi
    if [[ $word =~ ^[=:]+$ ]]; then glue=1; else glue=; fi
  done
  local last=$((\${#typed[@]} - 1)) token=\${COMP_WORDS[COMP_CWORD]}
  local current=\${typed[last]}
  if [[ $token =~ ^[=:]+$ ]]; then token=; fi
  local cut=$((\${#current} - \${#token}))
  while IFS= read -r word; do
    if [[ $word == :files ]]; then
      files=1
    else
      word=\${word%%$'\\t'*}
      printf -v word %q "\${word:cut}"
      found+=("$word")
    fi
  done < <("$program" __complete "=$current" "\${typed[@]:0:last}" 2>/dev/null)
  COMPREPLY=("\${found[@]}")
  if [[ \${#found[@]} -eq 1 && \${found[0]} == *[/=] ]]; then compopt -o nospace 2>/dev/null; fi
  if [[ -z $files ]]; then compopt +o default 2>/dev/null; fi
}
complete -o default -F _wctl wctl wctl.exe
`;
