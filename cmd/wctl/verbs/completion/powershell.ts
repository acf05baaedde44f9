/** For Windows PowerShell 5.1 and later. It offers names of files by itself where nothing else is offered. */
export const powershell = `# Completion of wctl for PowerShell: wctl completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName 'wctl', 'wctl.exe' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $program = $commandAst.GetCommandName()
    if (-not (Get-Command $program -CommandType Application -ErrorAction SilentlyContinue)) { $program = 'wctl' }
    $before = @()
    foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
        if ($element.Extent.EndOffset -lt $cursorPosition) { $before += $element.Extent.Text.Trim('"', "'") }
    }
    & $program '__complete' "=$wordToComplete" @before 2>$null | ForEach-Object {
        if ($_ -ne ':files') {
            $value, $about = $_ -split '\\t', 2
            if (-not $about) { $about = $value }
            $text = $value
            if ($value -notmatch '^[-\\w./:=]+$') { $text = "'" + $value.Replace("'", "''") + "'" }
            [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $about)
        }
    }
}
`;
