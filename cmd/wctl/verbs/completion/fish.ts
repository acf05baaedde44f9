/** For fish 3 and later. */
export const fish = `# Completion of wctl for fish: wctl completion fish | source
function __wctl_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    set -l program $before[1]
    set -e before[1]
    command -q -- $program; or set program wctl
    for line in (command $program __complete "=$current" $before 2>/dev/null)
        if test "$line" = ":files"
            set -l prefix (string match -r -- '^--[^=]*=' $current)
            set -l part (string replace -r -- '^--[^=]*=' '' $current)
            for path in (__fish_complete_path $part)
                printf '%s%s\\n' $prefix $path
            end
        else
            printf '%s\\n' $line
        end
    end
end
complete -c wctl -f -a '(__wctl_complete)'
`;
