<#
.SYNOPSIS
What only a real Windows can confirm: every row of docs/needs-real-windows.md, with a table of what was seen. It has not run yet.

.DESCRIPTION
Run it as administrator, in Windows PowerShell 5.1 or PowerShell 7, on Windows 10 22H2, 11, or Server 2019 and later. It installs a service
under a name of its own, in a folder of its own below Program Files, makes a local user, and removes all of it at the end, whatever happens.

PASS    seen as it must be
FAIL    seen otherwise; the exit code is the number of these
SKIP    not looked at, and why
MANUAL  a person must look, and at what; what could be seen without one was as it must be

.EXAMPLE
powershell -ExecutionPolicy Bypass -File scripts\windows-acceptance.ps1 -Wctl dist\wctl.exe

.EXAMPLE
powershell -ExecutionPolicy Bypass -File scripts\windows-acceptance.ps1 -Only 1,2,S1 -Report seen.json
#>
#requires -Version 5.1
#requires -RunAsAdministrator
[CmdletBinding()]
param(
  # The built program.
  [string] $Wctl = (Join-Path $PSScriptRoot '..\dist\wctl.exe'),
  # The installer, for S12 and S13; they touch the service called wctl, and are skipped when there is one.
  [string] $Msi = '',
  # An installer of a higher version, for the upgrade in S12.
  [string] $NewerMsi = '',
  # nssm.exe, for 30.
  [string] $Nssm = '',
  # Ids of the rows to look at; all when absent.
  [string[]] $Only = @(),
  # A thousand processes where a few are enough otherwise. Wants 16 GB of memory and an hour.
  [switch] $Long,
  # Where the table goes as JSON.
  [string] $Report = ''
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$Tag = 'wctl-acceptance-' + [guid]::NewGuid().ToString('N').Substring(0, 8)
$Root = Join-Path $env:ProgramFiles $Tag
$Bin = Join-Path $Root 'bin'
$Shared = Join-Path $Root 'shared'
$DataDir = Join-Path $Root 'data'
$Program = Join-Path $Root 'program\wctl.exe'
$Probe = Join-Path $Bin 'probe.exe'
# Without a blank in its path, since it is named to cmd.exe.
$Canary = Join-Path $env:SystemDrive "$Tag-canary"
$System32 = Join-Path $env:SystemRoot 'System32'
$User = 'wctl' + $Tag.Substring($Tag.Length - 8)
$UserPassword = 'Aa1!' + [guid]::NewGuid().ToString('N')
$MiB = 1048576
$Services = New-Object System.Collections.Generic.List[string]
$Daemons = New-Object System.Collections.Generic.List[System.Diagnostics.Process]
# Of the daemon that is spoken to: the service, or one in the foreground.
$Kubeconfig = Join-Path $DataDir 'admin.kubeconfig'

# ---------------------------------------------------------------------------------------------------------------------- results

$Rows = New-Object System.Collections.Specialized.OrderedDictionary

# One row of docs/needs-real-windows.md: its id, its behaviour in the same words, and how it is looked at. The block ends with Pass or
# Manual, throws when something is not as it must be, and calls Skip-Row when it can't be looked at here.
function Row([string] $Id, [string] $Behaviour, [scriptblock] $Body) {
  if ($Rows.Contains($Id)) { throw "there are two rows $Id" }
  $Rows.Add($Id, @{ Behaviour = $Behaviour; Body = $Body })
}

function Pass([string] $Seen) { [pscustomobject]@{ Result = 'PASS'; Seen = $Seen } }
function Manual([string] $LookAt) { [pscustomobject]@{ Result = 'MANUAL'; Seen = $LookAt } }
function Skip-Row([string] $Why) { throw "SKIP:$Why" }

function Assert-That($IsSo, [string] $What) { if (-not $IsSo) { throw $What } }

function Assert-Equal($Seen, $Wanted, [string] $What) {
  if ("$Seen" -cne "$Wanted") { throw "${What}: $Seen instead of $Wanted" }
}

# Asks again and again; throws what was waited for.
function Wait-Until([string] $What, [int] $Seconds, [scriptblock] $IsSo) {
  $watch = [System.Diagnostics.Stopwatch]::StartNew()
  while ($watch.Elapsed.TotalSeconds -lt $Seconds) {
    $found = & $IsSo
    if ($found) { return $found }
    Start-Sleep -Milliseconds 100
  }
  throw "did not come within $Seconds s: $What"
}

function Invoke-Row([string] $Id) {
  $watch = [System.Diagnostics.Stopwatch]::StartNew()
  try {
    $said = @(& $Rows[$Id].Body)
    $last = if ($said.Count -gt 0) { $said[-1] } else { $null }
    $result = Get-Field $last 'Result'
    $seen = Get-Field $last 'Seen'
    if ($null -eq $result) { throw 'the row came to no result: this script is wrong' }
  } catch {
    $text = "$($_.Exception.Message)"
    if ($text.StartsWith('SKIP:')) {
      $result = 'SKIP'
      $seen = $text.Substring(5)
    } else {
      $result = 'FAIL'
      $seen = "$text (line $($_.InvocationInfo.ScriptLineNumber))"
    }
  }
  try { Remove-Workloads } catch { Write-Warning "after row ${Id}: $($_.Exception.Message)" }
  Stop-Daemons
  $row = [pscustomobject]@{
    Id = $Id; Result = $result; Behaviour = $Rows[$Id].Behaviour; Seen = $seen; Seconds = [math]::Round($watch.Elapsed.TotalSeconds, 1)
  }
  Write-Host ('{0,-6} {1,-4} {2}: {3}' -f $row.Result, $row.Id, $row.Behaviour, $row.Seen)
  $row
}

# ------------------------------------------------------------------------------------------------------------ programs and wctl

# As the C runtime reads it back.
function Join-Arguments([string[]] $Words) {
  $quoted = foreach ($word in $Words) {
    if ($word -ne '' -and $word -notmatch '[\s"]') { $word } else {
      '"' + [regex]::Replace([regex]::Replace($word, '(\\*)"', '$1$1\"'), '(\\+)$', '$1$1') + '"'
    }
  }
  @($quoted) -join ' '
}

# Runs a program to its end: Code, Out, Err. Lines end in LF.
function Invoke-Program([string] $File, [string[]] $Words, [int] $Seconds = 120, [string] $Directory = $Root) {
  $start = New-Object System.Diagnostics.ProcessStartInfo
  $start.FileName = $File
  $start.Arguments = Join-Arguments $Words
  $start.WorkingDirectory = $Directory
  $start.UseShellExecute = $false
  $start.CreateNoWindow = $true
  $start.RedirectStandardOutput = $true
  $start.RedirectStandardError = $true
  $start.StandardOutputEncoding = New-Object System.Text.UTF8Encoding($false)
  $start.StandardErrorEncoding = New-Object System.Text.UTF8Encoding($false)
  $process = [System.Diagnostics.Process]::Start($start)
  $out = $process.StandardOutput.ReadToEndAsync()
  $err = $process.StandardError.ReadToEndAsync()
  if (-not $process.WaitForExit($Seconds * 1000)) {
    $process.Kill()
    throw "$File $($start.Arguments) did not end within $Seconds s"
  }
  $process.WaitForExit()
  [pscustomobject]@{
    Code = $process.ExitCode
    Out = $out.Result.Replace("`r`n", "`n")
    Err = $err.Result.Replace("`r`n", "`n")
  }
}

# Runs it, and throws when it fails.
function Invoke-Checked([string] $File, [string[]] $Words, [int] $Seconds = 120) {
  $ran = Invoke-Program $File $Words $Seconds
  if ($ran.Code -ne 0) { throw "$File $(Join-Arguments $Words) ended with $($ran.Code): $($ran.Err)$($ran.Out)" }
  $ran.Out
}

function Invoke-Service([string] $Verb, [string[]] $Words = @(), [string] $Name = $Tag) {
  Invoke-Program $Program (@('service', $Verb, '--name', $Name) + $Words) 300
}

function Invoke-ServiceChecked([string] $Verb, [string[]] $Words = @(), [string] $Name = $Tag) {
  $ran = Invoke-Service $Verb $Words $Name
  if ($ran.Code -ne 0) { throw "wctl service $Verb ended with $($ran.Code): $($ran.Err)" }
  $ran
}

function Get-ServicePid([string] $Name = $Tag) { [int] (Get-CimInstance Win32_Service -Filter "Name='$Name'").ProcessId }

function Invoke-Wctl([string[]] $Words, [int] $Seconds = 120) {
  Invoke-Program $Program (@('--kubeconfig', $script:Kubeconfig) + $Words) $Seconds
}

function Invoke-WctlChecked([string[]] $Words, [int] $Seconds = 120) {
  $ran = Invoke-Wctl $Words $Seconds
  if ($ran.Code -ne 0) { throw "wctl $(Join-Arguments $Words) ended with $($ran.Code): $($ran.Err)" }
  $ran.Out
}

function Write-Text([string] $Path, [string] $Text) { [System.IO.File]::WriteAllText($Path, $Text) }
function Read-Text([string] $Path) { if (Test-Path -LiteralPath $Path) { [System.IO.File]::ReadAllText($Path) } else { '' } }

# A file that a workload, whoever it runs as, may write.
function New-SharedPath([string] $Name) { Join-Path $Shared ([guid]::NewGuid().ToString('N').Substring(0, 8) + '-' + $Name) }

# Applies an object; gives what wctl said, whether or not it was taken.
function Invoke-Apply([hashtable] $Object, [string[]] $Words = @()) {
  $file = New-SharedPath 'manifest.json'
  Write-Text $file (ConvertTo-Json $Object -Depth 16)
  Invoke-Wctl (@('apply', '-f', $file) + $Words) 180
}

function New-Manifest([string] $Name, [hashtable] $Spec) {
  @{ apiVersion = 'wctl.dev/v1'; kind = 'Process'; metadata = @{ name = $Name }; spec = $Spec }
}

# A Process that runs verbs of probe.exe, with more fields.
function New-ProbeSpec([string[]] $Words, [hashtable] $More = @{}) {
  $spec = @{ command = $Probe; args = @($Words); stop = @{ gracePeriodSeconds = 5 } }
  foreach ($key in $More.Keys) { $spec[$key] = $More[$key] }
  $spec
}

# Applies it; throws when it is not taken. Waits until it runs, or for one that runs once until it has ended.
function Start-Workload([string] $Name, [hashtable] $Spec, [switch] $NoWait) {
  $waiting = if ($NoWait) { @() } else { @('--wait', '--timeout', '120s') }
  $ran = Invoke-Apply (New-Manifest $Name $Spec) $waiting
  if ($ran.Code -ne 0) { throw "apply of ${Name}: $($ran.Err)" }
}

# Of parsed JSON: the value behind the dots, or nothing.
function Get-Field($Object, [string] $Path) {
  $found = $Object
  foreach ($name in $Path.Split('.')) {
    $property = if ($null -eq $found) { $null } else { $found.PSObject.Properties[$name] }
    if ($null -eq $property) { return $null }
    $found = $property.Value
  }
  $found
}

function Get-Instance([string] $Name) {
  $ran = Invoke-Wctl @('get', 'instance', $Name, '-o', 'json')
  if ($ran.Code -eq 0) { ConvertFrom-Json $ran.Out } else { $null }
}

function Get-Instances([string] $Process) {
  @((ConvertFrom-Json (Invoke-WctlChecked @('get', 'instances', '-l', "wctl.dev/process=$Process", '-o', 'json'))).items)
}

# The folder of a copy: its files and its logs.
function Get-HomePath([string] $Name) { (ConvertFrom-Json (Invoke-WctlChecked @('get', 'home', $Name, '-o', 'json'))).status.path }

function Get-InstancePid([string] $Name) { [int] (Get-Field (Get-Instance $Name) 'status.pid') }

function Wait-InstancePid([string] $Name, [int] $Not = 0, [int] $Seconds = 60) {
  Wait-Until "$Name runs" $Seconds { $now = Get-InstancePid $Name; if ($now -gt 0 -and $now -ne $Not) { $now } }
}

function Wait-Ended([string] $Name, [int] $Seconds = 60) {
  Wait-Until "$Name has ended" $Seconds { Get-Field (Get-Instance $Name) 'status.state.terminated' }
}

# Why an instance does not start: reason and message.
function Wait-Refused([string] $Name, [int] $Seconds = 60) {
  Wait-Until "$Name is refused" $Seconds {
    $waiting = Get-Field (Get-Instance $Name) 'status.state.waiting'
    if ($null -ne $waiting -and $waiting.reason -ne 'NotStarted') { $waiting }
  }
}

function Get-Log([string] $Instance) { (Invoke-Wctl @('logs', "instance/$Instance")).Out }

function Wait-Log([string] $Instance, [string] $Pattern, [int] $Seconds = 60) {
  Wait-Until "$Instance writes $Pattern" $Seconds { $text = Get-Log $Instance; if ($text -match $Pattern) { $text } }
}

function Wait-File([string] $Path, [string] $Pattern, [int] $Seconds = 60) {
  Wait-Until "$Path has $Pattern" $Seconds { $text = Read-Text $Path; if ($text -match $Pattern) { $text } }
}

# Events about an object, oldest first.
function Get-EventsOf([string] $Name) {
  $items = @((ConvertFrom-Json (Invoke-WctlChecked @('get', 'events', '-o', 'json'))).items)
  @($items | Where-Object { $_.involvedObject.name -eq $Name })
}

function Remove-Workloads {
  if (-not (Test-Path -LiteralPath $script:Kubeconfig)) { return }
  Invoke-Wctl @('delete', 'process', '--all', '--timeout', '120s') 180 | Out-Null
}

function Test-Pid([int] $Id) { $Id -gt 0 -and $null -ne (Get-Process -Id $Id -ErrorAction SilentlyContinue) }

# A daemon in the foreground of this session, with a data directory of its own; it is the one that is spoken to from here on.
function Start-Daemon([string] $Name, [string[]] $Words = @()) {
  $data = Join-Path $Root "data-$Name"
  $out = New-SharedPath 'daemon.out'
  $line = Join-Arguments (@('daemon', '--data-dir', $data, '--listen', '127.0.0.1:0') + $Words)
  $started = Start-Process -FilePath $Program -ArgumentList $line -WindowStyle Hidden -PassThru `
    -RedirectStandardOutput $out -RedirectStandardError "$out.err" -WorkingDirectory $Root
  $Daemons.Add($started)
  Wait-Until 'the daemon is ready' 60 {
    if ($started.HasExited) { throw "the daemon ended: $(Read-Shared "$out.err")" }
    (Read-Shared $out) -match 'wctld ready'
  } | Out-Null
  $script:Kubeconfig = Join-Path $data 'admin.kubeconfig'
  $started
}

# Of a file that somebody else is writing.
function Read-Shared([string] $Path) {
  if (-not (Test-Path -LiteralPath $Path)) { return '' }
  $share = [System.IO.FileShare]::ReadWrite -bor [System.IO.FileShare]::Delete
  $stream = [System.IO.File]::Open($Path, [System.IO.FileMode]::Open, [System.IO.FileAccess]::Read, $share)
  try { (New-Object System.IO.StreamReader($stream)).ReadToEnd() } finally { $stream.Dispose() }
}

function Read-Line([System.IO.StreamReader] $Reader) {
  $line = $Reader.ReadLineAsync()
  if (-not $line.Wait(30000)) { throw 'no line came within 30 s' }
  $line.Result
}

# Workloads were deleted before; back to the service.
function Stop-Daemons {
  foreach ($daemon in $Daemons) { if (-not $daemon.HasExited) { $daemon.Kill(); $daemon.WaitForExit() } }
  $Daemons.Clear()
  $script:Kubeconfig = Join-Path $DataDir 'admin.kubeconfig'
}

function New-UserCredential {
  New-Object System.Management.Automation.PSCredential("$env:COMPUTERNAME\$User", (ConvertTo-SecureString $UserPassword -AsPlainText -Force))
}

# Runs a program as the ordinary user: Code, Out and Err together in Out.
function Invoke-AsUser([string] $File, [string[]] $Words) {
  $out = New-SharedPath 'user.out'
  $process = Start-Process -FilePath $File -ArgumentList (Join-Arguments $Words) -Credential (New-UserCredential) -PassThru -Wait `
    -WorkingDirectory $Shared -RedirectStandardOutput $out -RedirectStandardError "$out.err"
  [pscustomobject]@{ Code = $process.ExitCode; Out = (Read-Text $out) + (Read-Text "$out.err") }
}

function Get-Median([double[]] $Values) { $sorted = @($Values | Sort-Object); $sorted[[math]::Floor($sorted.Count / 2)] }

function Install-Throwaway([string] $Suffix, [string[]] $Words, [string] $File = $Program) {
  $name = "$Tag-$Suffix"
  $Services.Add($name)
  $ran = Invoke-Program $File (@('service', 'install', '--name', $name) + $Words)
  [pscustomobject]@{ Name = $name; Code = $ran.Code; Out = $ran.Out; Err = $ran.Err }
}

# ------------------------------------------------------------------------------------------------- a program for every behaviour

# C# 5, for the compiler that every Windows has.
$ProbeSource = @'
using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using System.Windows.Forms;

static class Probe
{
    static int Main(string[] words)
    {
        bool isInJob;
        IsProcessInJob(GetCurrentProcess(), IntPtr.Zero, out isInJob);
        string a = words.Length > 1 ? words[1] : "";
        string b = words.Length > 2 ? words[2] : "";
        switch (words[0])
        {
            case "sleep": Thread.Sleep(-1); return 0;
            case "exit": return int.Parse(a);
            case "injob": Say("in a job: " + isInJob + " " + Environment.GetEnvironmentVariable("WCTL_JOB")); Thread.Sleep(-1); return 0;
            case "allocate": return Allocate();
            case "children": return Children(int.Parse(a));
            case "spin": return Spin(int.Parse(a));
            case "child": Say("child " + Spawn(Self("sleep"), 0)); Thread.Sleep(-1); return 0;
            case "breakaway": Say("breakaway " + Spawn(Self("sleep"), 0x01000000)); return 0;
            case "spawn": Say("spawn " + Spawn(Self("exit 0"), 0)); Thread.Sleep(-1); return 0;
            case "crash": CreateThread(IntPtr.Zero, UIntPtr.Zero, IntPtr.Zero, IntPtr.Zero, 0, IntPtr.Zero); Thread.Sleep(-1); return 0;
            case "lines": return Lines(a, int.Parse(b));
            case "writers": return Writers(int.Parse(a));
            case "flood": return Flood(int.Parse(a));
            case "rate": return Rate();
            case "clock": return Clock();
            case "ctrl": return Ctrl(a);
            case "event": return StopEvent(a);
            case "openjob": return OpenJob(a);
            case "env": return PrintEnvironment();
            case "put": File.WriteAllText(a, Environment.GetEnvironmentVariable(b) ?? "(none)"); return 0;
            case "write": return Write(a);
            case "window": return Window(a);
            default: Say("there is no verb " + words[0]); return 2;
        }
    }

    static void Say(string text) { Console.Out.WriteLine(text); Console.Out.Flush(); }

    static string Self(string verb) { return "\"" + Process.GetCurrentProcess().MainModule.FileName + "\" " + verb; }

    // The pid as "pid N", or "error N". Nothing is inherited.
    static string Spawn(string line, uint flags)
    {
        STARTUPINFO start = new STARTUPINFO();
        start.cb = Marshal.SizeOf(typeof(STARTUPINFO));
        PROCESS_INFORMATION made;
        if (!CreateProcess(null, new StringBuilder(line), IntPtr.Zero, IntPtr.Zero, false, flags, IntPtr.Zero, null, ref start, out made))
            return "error " + Marshal.GetLastWin32Error();
        return "pid " + made.dwProcessId;
    }

    static int Allocate()
    {
        int mebibytes = 0;
        while (mebibytes < 4096 && VirtualAlloc(IntPtr.Zero, new UIntPtr(1 << 20), 0x3000, 4) != IntPtr.Zero) mebibytes++;
        int error = Marshal.GetLastWin32Error();
        // What is left is too little for more than this.
        Say("allocated " + mebibytes + " error " + error);
        Thread.Sleep(-1);
        return 0;
    }

    static int Children(int count)
    {
        int started = 0;
        string last = "";
        for (int n = 0; n < count; n++)
        {
            last = Spawn(Self("sleep"), 0);
            if (last.StartsWith("pid")) started++;
        }
        Say("started " + started + ", the last: " + last);
        Thread.Sleep(-1);
        return 0;
    }

    static int Spin(int threads)
    {
        for (int n = 0; n < threads; n++) new Thread(delegate() { while (true) { } }).Start();
        return 0;
    }

    static int Lines(string name, int count)
    {
        Stream output = Console.OpenStandardOutput();
        for (int n = 1; n <= count; n++)
        {
            byte[] line = Encoding.ASCII.GetBytes((name + " " + n + " ").PadRight(99, '.') + "\n");
            output.Write(line, 0, line.Length);
        }
        return 0;
    }

    static int Writers(int count)
    {
        List<Process> writers = new List<Process>();
        foreach (string name in new string[] { "A", "B" })
        {
            ProcessStartInfo start = new ProcessStartInfo(Process.GetCurrentProcess().MainModule.FileName, "lines " + name + " " + count);
            start.UseShellExecute = false;
            writers.Add(Process.Start(start));
        }
        foreach (Process writer in writers) writer.WaitForExit();
        Say("end");
        return 0;
    }

    static int Flood(int mebibytes)
    {
        Lines("flood", mebibytes * 1024 * 1024 / 100);
        Say("end");
        Thread.Sleep(-1);
        return 0;
    }

    static int Rate()
    {
        while (true)
        {
            Lines("rate", 1024 * 1024 / 1000);
            Thread.Sleep(100);
        }
    }

    static int Clock()
    {
        while (true)
        {
            Say(DateTime.UtcNow.ToString("o"));
            Thread.Sleep(1000);
        }
    }

    delegate bool Handler(uint kind);
    static Handler kept;

    static int Ctrl(string file)
    {
        kept = delegate(uint kind) { File.AppendAllText(file, "ctrl " + kind + "\n"); Environment.Exit(0); return true; };
        SetConsoleCtrlHandler(kept, true);
        Say("ready");
        Thread.Sleep(-1);
        return 0;
    }

    static int StopEvent(string file)
    {
        string name = Environment.GetEnvironmentVariable("WCTL_STOP_EVENT");
        IntPtr change = OpenEvent(2, false, name);
        File.AppendAllText(file, "set " + (change == IntPtr.Zero ? "error " + Marshal.GetLastWin32Error() : "allowed") + "\n");
        IntPtr wait = OpenEvent(0x00100000, false, name);
        if (wait == IntPtr.Zero) { File.AppendAllText(file, "wait error " + Marshal.GetLastWin32Error() + "\n"); return 1; }
        Say("ready");
        WaitForSingleObject(wait, 0xFFFFFFFF);
        File.AppendAllText(file, "stopped\n");
        return 0;
    }

    // JOB_OBJECT_QUERY is the least that can be asked for.
    static int OpenJob(string name)
    {
        IntPtr job = OpenJobObject(4, false, name);
        Say(job == IntPtr.Zero ? "error " + Marshal.GetLastWin32Error() : "opened");
        return 0;
    }

    static int PrintEnvironment()
    {
        foreach (DictionaryEntry one in Environment.GetEnvironmentVariables()) Say(one.Key + "=" + one.Value);
        Say("end");
        return 0;
    }

    static int Write(string file)
    {
        try { File.WriteAllText(file, "written"); Say("written"); }
        catch (Exception error) { Say("refused " + error.GetType().Name); }
        return 0;
    }

    static int Window(string file)
    {
        Thread thread = new Thread(delegate()
        {
            Form form = new Form();
            form.Text = "wctl acceptance";
            form.FormClosing += delegate { File.AppendAllText(file, "closed\n"); };
            form.Shown += delegate { Say("ready"); };
            Application.Run(form);
        });
        thread.SetApartmentState(ApartmentState.STA);
        thread.Start();
        thread.Join();
        return 0;
    }

    [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
    struct STARTUPINFO
    {
        public int cb;
        public string lpReserved, lpDesktop, lpTitle;
        public int dwX, dwY, dwXSize, dwYSize, dwXCountChars, dwYCountChars, dwFillAttribute, dwFlags;
        public short wShowWindow, cbReserved2;
        public IntPtr lpReserved2, hStdInput, hStdOutput, hStdError;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct PROCESS_INFORMATION
    {
        public IntPtr hProcess, hThread;
        public int dwProcessId, dwThreadId;
    }

    [DllImport("kernel32.dll", SetLastError = true)] static extern IntPtr VirtualAlloc(IntPtr address, UIntPtr size, uint type, uint protect);
    [DllImport("kernel32.dll", SetLastError = true)] static extern IntPtr CreateThread(IntPtr attributes, UIntPtr stack, IntPtr start, IntPtr parameter, uint flags, IntPtr id);
    [DllImport("kernel32.dll")] static extern IntPtr GetCurrentProcess();
    [DllImport("kernel32.dll", SetLastError = true)] static extern bool IsProcessInJob(IntPtr process, IntPtr job, out bool result);
    [DllImport("kernel32.dll", SetLastError = true)] static extern bool SetConsoleCtrlHandler(Handler handler, bool add);
    [DllImport("kernel32.dll", SetLastError = true)] static extern uint WaitForSingleObject(IntPtr handle, uint milliseconds);
    [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)] static extern IntPtr OpenEvent(uint access, bool inherit, string name);
    [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)] static extern IntPtr OpenJobObject(uint access, bool inherit, string name);
    [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
    static extern bool CreateProcess(string application, StringBuilder line, IntPtr processAttributes, IntPtr threadAttributes, bool inherit,
        uint flags, IntPtr environment, string directory, ref STARTUPINFO start, out PROCESS_INFORMATION made);
}
'@

# What the rows ask Windows themselves.
$NativeSource = @'
using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

public static class Native
{
    // 0 when a job of this name can be opened for a query, else the error: 2 is "there is none", 5 "access denied".
    public static int OpenJob(string name)
    {
        IntPtr job = OpenJobObject(4, false, name);
        if (job == IntPtr.Zero) return Marshal.GetLastWin32Error();
        CloseHandle(job);
        return 0;
    }

    // A job without limits around a process that runs.
    public static void PutInJob(IntPtr process)
    {
        IntPtr job = CreateJobObject(IntPtr.Zero, null);
        if (job == IntPtr.Zero || !AssignProcessToJobObject(job, process)) throw new Win32Exception();
    }

    public static bool IsInSomeJob(IntPtr process)
    {
        bool result;
        if (!IsProcessInJob(process, IntPtr.Zero, out result)) throw new Win32Exception();
        return result;
    }

    // Bytes that a file takes on the disk, holes left out.
    public static long SizeOnDisk(string path)
    {
        uint high;
        uint low = GetCompressedFileSize(path, out high);
        if (low == 0xFFFFFFFF && Marshal.GetLastWin32Error() != 0) throw new Win32Exception();
        return ((long)high << 32) | low;
    }

    public static void MakeFolder(string path) { if (!CreateDirectory(path, IntPtr.Zero)) throw new Win32Exception(); }
    public static void Copy(string from, string to) { if (!CopyFile(from, to, true)) throw new Win32Exception(); }

    // Names of the privileges that a process has, switched on or not.
    public static string[] Privileges(int pid)
    {
        byte[] info = TokenInformation(pid, 3);
        List<string> names = new List<string>();
        for (int n = 0, at = 4; n < BitConverter.ToInt32(info, 0); n++, at += 12)
        {
            StringBuilder name = new StringBuilder(256);
            int length = name.Capacity;
            long luid = BitConverter.ToInt64(info, at);
            if (!LookupPrivilegeName(null, ref luid, name, ref length)) throw new Win32Exception();
            names.Add(name.ToString());
        }
        return names.ToArray();
    }

    // The account of a process, as S-1-...
    public static string UserSid(int pid)
    {
        // TOKEN_USER: an address and a number, and behind them the SID.
        byte[] info = TokenInformation(pid, 1);
        int sid = IntPtr.Size * 2;
        StringBuilder text = new StringBuilder("S-" + info[sid] + "-" + info[sid + 7]);
        for (int n = 0; n < info[sid + 1]; n++) text.Append("-" + BitConverter.ToUInt32(info, sid + 8 + n * 4));
        return text.ToString();
    }

    static byte[] TokenInformation(int pid, int infoClass)
    {
        IntPtr process = OpenProcess(0x1000, false, pid);
        if (process == IntPtr.Zero) throw new Win32Exception();
        IntPtr token = IntPtr.Zero;
        try
        {
            if (!OpenProcessToken(process, 8, out token)) throw new Win32Exception();
            int length;
            GetTokenInformation(token, infoClass, null, 0, out length);
            byte[] info = new byte[length];
            if (!GetTokenInformation(token, infoClass, info, length, out length)) throw new Win32Exception();
            return info;
        }
        finally
        {
            if (token != IntPtr.Zero) CloseHandle(token);
            CloseHandle(process);
        }
    }

    [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)] static extern IntPtr OpenJobObject(uint access, bool inherit, string name);
    [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)] static extern IntPtr CreateJobObject(IntPtr attributes, string name);
    [DllImport("kernel32.dll", SetLastError = true)] static extern bool AssignProcessToJobObject(IntPtr job, IntPtr process);
    [DllImport("kernel32.dll", SetLastError = true)] static extern bool IsProcessInJob(IntPtr process, IntPtr job, out bool result);
    [DllImport("kernel32.dll", SetLastError = true)] static extern bool CloseHandle(IntPtr handle);
    [DllImport("kernel32.dll", SetLastError = true)] static extern IntPtr OpenProcess(uint access, bool inherit, int pid);
    [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)] static extern uint GetCompressedFileSize(string path, out uint high);
    [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)] static extern bool CreateDirectory(string path, IntPtr attributes);
    [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)] static extern bool CopyFile(string from, string to, bool failIfExists);
    [DllImport("advapi32.dll", SetLastError = true)] static extern bool OpenProcessToken(IntPtr process, uint access, out IntPtr token);
    [DllImport("advapi32.dll", SetLastError = true)] static extern bool GetTokenInformation(IntPtr token, int infoClass, byte[] info, int length, out int needed);
    [DllImport("advapi32.dll", SetLastError = true, CharSet = CharSet.Unicode)] static extern bool LookupPrivilegeName(string system, ref long luid, StringBuilder name, ref int length);
}
'@

function Build-Probe([string] $Out, [string] $Platform) {
  $compiler = Join-Path $env:SystemRoot 'Microsoft.NET\Framework64\v4.0.30319\csc.exe'
  if (-not (Test-Path -LiteralPath $compiler)) { throw "$compiler is missing: the .NET Framework 4 is part of every Windows" }
  $source = Join-Path $Bin 'probe.cs'
  Write-Text $source $ProbeSource
  Invoke-Checked $compiler @('/nologo', '/target:exe', "/platform:$Platform", '/r:System.Windows.Forms.dll', "/out:$Out", $source) | Out-Null
}

# ---------------------------------------------------------------------------------------------------------------- jobs and limits

Row '1' 'memory limit' {
  Start-Workload 'memory' (New-ProbeSpec @('allocate') @{ resources = @{ limits = @{ memory = '64Mi' } }; restartPolicy = 'Never' })
  $text = Wait-Log 'memory-0' 'allocated \d+'
  $mebibytes = [int] [regex]::Match($text, 'allocated (\d+)').Groups[1].Value
  Assert-That ($mebibytes -ge 16 -and $mebibytes -le 64) "allocation was refused after $mebibytes MiB, the limit is 64"
  Wait-Until 'the event MemoryLimitExceeded' 15 { Get-EventsOf 'memory-0' | Where-Object { $_.reason -eq 'MemoryLimitExceeded' } } | Out-Null
  $told = @(Get-EventsOf 'memory-0' | Where-Object { $_.reason -eq 'MemoryLimitExceeded' })
  Assert-Equal $told.Count 1 'events'
  Assert-Equal ([math]::Max(1, [int] (Get-Field $told[0] 'count'))) 1 'times in one run'
  Pass "refused after $mebibytes MiB beside the program's own; one MemoryLimitExceeded"
}

Row '2' 'process limit' {
  Start-Workload 'three' (New-ProbeSpec @('children', '5') @{ resources = @{ limits = @{ processes = 3 } }; restartPolicy = 'Never' })
  $startedChildren = [int] [regex]::Match((Wait-Log 'three-0' 'started \d+'), 'started (\d+)').Groups[1].Value
  Assert-That ($startedChildren -ne 1) 'one child was started: conhost.exe counts, so 1 is to be added to the limit'
  Assert-Equal $startedChildren 2 'children beside the main process'
  Wait-Until 'the event ProcessLimitExceeded' 15 { Get-EventsOf 'three-0' | Where-Object { $_.reason -eq 'ProcessLimitExceeded' } } | Out-Null
  Pass 'the fourth process is refused and told of; conhost.exe does not count'
}

Row '3' 'CPU rate' {
  Start-Workload 'half' (New-ProbeSpec @('spin', '2') @{ resources = @{ limits = @{ cpu = '0.5' } } })
  $process = Get-Process -Id (Wait-InstancePid 'half-0')
  Start-Sleep -Seconds 2
  $process.Refresh()
  $watch = [System.Diagnostics.Stopwatch]::StartNew()
  $before = $process.TotalProcessorTime.TotalSeconds
  Start-Sleep -Seconds 10
  $process.Refresh()
  $share = ($process.TotalProcessorTime.TotalSeconds - $before) / $watch.Elapsed.TotalSeconds
  Assert-That ($share -ge 0.45 -and $share -le 0.55) "it had $([math]::Round($share, 2)) processors instead of 0.5"
  Pass "$([math]::Round($share, 3)) processors over 10 s"
}

Row '4' 'priority, affinity' {
  if ([Environment]::ProcessorCount -lt 2) { Skip-Row 'this machine has one processor' }
  Start-Workload 'low' (New-ProbeSpec @('child') @{ resources = @{ priorityClass = 'BelowNormal'; affinity = '1' } })
  $child = [int] [regex]::Match((Wait-Log 'low-0' 'child pid \d+'), 'pid (\d+)').Groups[1].Value
  foreach ($id in @((Get-InstancePid 'low-0'), $child)) {
    $process = Get-Process -Id $id
    Assert-Equal $process.PriorityClass 'BelowNormal' "priority of $id"
    Assert-Equal ([int64] $process.ProcessorAffinity) 2 "affinity of $id"
  }
  Pass 'BelowNormal and processor 1, the grandchild too'
}

Row '5' 'no breakaway' {
  Start-Workload 'away' (New-ProbeSpec @('breakaway') @{ restartPolicy = 'Never' })
  Assert-That ((Wait-Log 'away-0' 'breakaway') -match 'breakaway error 5') "it was not refused: $(Get-Log 'away-0')"
  Pass 'error 5'
}

Row '6' 'unhandled exception' {
  Start-Workload 'crash' (New-ProbeSpec @('crash') @{ restartPolicy = 'Never' }) -NoWait
  $ended = Wait-Ended 'crash-0' 15
  Assert-Equal ([int64] $ended.exitCode) 3221225477 'exit code'
  Assert-That ($null -eq (Get-Process -Name 'WerFault' -ErrorAction SilentlyContinue)) 'WerFault.exe hangs'
  Pass '0xC0000005, no WerFault.exe'
}

Row '7' 'a job''s name without the daemon' {
  $daemon = Start-Daemon 'names'
  Start-Workload 'named' (New-ProbeSpec @('injob'))
  $job = [regex]::Match((Wait-Log 'named-0' 'in a job: True Global'), '(Global\\wctl-\S+)').Groups[1].Value
  $id = Get-InstancePid 'named-0'
  $daemon.Kill()
  $daemon.WaitForExit()
  Assert-Equal ([Native]::OpenJob($job)) 0 'opening the job without a daemon: error'
  Stop-Process -Id $id -Force
  Wait-Until 'the name is gone with the tree' 10 { [Native]::OpenJob($job) -eq 2 } | Out-Null
  Pass "$job was there while its process lived, and gone after it"
}

Row '8' 'a tree that lost its main process while no daemon was up' {
  $daemon = Start-Daemon 'trees'
  Start-Workload 'tree' (New-ProbeSpec @('child') @{ restartPolicy = 'Never' })
  $child = [int] [regex]::Match((Wait-Log 'tree-0' 'child pid \d+'), 'pid (\d+)').Groups[1].Value
  $main = Get-InstancePid 'tree-0'
  $daemon.Kill()
  $daemon.WaitForExit()
  Stop-Process -Id $main -Force
  Wait-Until 'the main process is gone' 10 { -not (Test-Pid $main) } | Out-Null
  Assert-That (Test-Pid $child) 'the grandchild fell with the main process: nothing is left to adopt'
  Start-Daemon 'trees' | Out-Null
  Wait-Until 'the daemon sees that the main process has ended' 30 { (Get-InstancePid 'tree-0') -ne $main } | Out-Null
  Invoke-WctlChecked @('delete', 'process', 'tree', '--timeout', '60s') | Out-Null
  Assert-That (-not (Test-Pid $child)) 'the grandchild, which inherited nothing, is left'
  Pass 'what was left of the tree was found and ended'
}

Row '9' 'another completion port' {
  $count = 20
  Start-Daemon 'ports' | Out-Null
  Start-Workload 'port' (New-ProbeSpec @('sleep') @{ replicas = $count })
  foreach ($round in 1..5) {
    Stop-Daemons
    Start-Daemon 'ports' | Out-Null
  }
  Wait-Until 'all are adopted' 60 { @(Get-Instances 'port' | Where-Object { (Get-Field $_ 'status.ready') -eq $true }).Count -eq $count } | Out-Null
  $slowest = 0
  foreach ($instance in Get-Instances 'port') {
    $id = [int] $instance.status.pid
    $killedAt = Get-Date
    Stop-Process -Id $id -Force
    $next = Get-Process -Id (Wait-InstancePid $instance.metadata.name $id)
    # The first restart is at once: what lies between is the message and the start.
    $slowest = [math]::Max($slowest, ($next.StartTime - $killedAt).TotalMilliseconds)
  }
  Assert-That ($slowest -lt 1000) "the slowest successor came after $slowest ms: a sweep found it, or the message was late"
  Pass "after five daemons the slowest of $count successors was started $([math]::Round($slowest)) ms after the kill"
}

Row '10' 'access list of the job' {
  Start-Workload 'secret' (New-ProbeSpec @('injob'))
  $job = [regex]::Match((Wait-Log 'secret-0' 'in a job: True Global'), '(Global\\wctl-\S+)').Groups[1].Value
  $said = (Invoke-AsUser $Probe @('openjob', $job)).Out.Trim()
  Assert-Equal $said 'error 5' "OpenJobObject by $User"
  Pass 'error 5'
}

Row '11' 'lost messages' {
  if (-not $Long) { Skip-Row 'a thousand processes, 20 times: -Long' }
  $count = 1000
  $spec = @{ command = (Join-Path $System32 'PING.EXE'); args = @('-t', '-w', '60000', '127.0.0.1'); replicas = $count }
  $spec.backoff = @{ initialSeconds = 0; factor = 1; maxSeconds = 0 }
  $spec.logs = @{ maxSize = '64Ki'; maxFiles = 1 }
  Start-Workload 'many' $spec -NoWait
  foreach ($round in 0..20) {
    Wait-Until "round ${round}: all run, each counted once" 600 {
      $all = Get-Instances 'many'
      $running = @($all | Where-Object { [int] (Get-Field $_ 'status.pid') -gt 0 -and [int] (Get-Field $_ 'status.restartCount') -eq $round })
      Assert-That (-not ($all | Where-Object { [int] (Get-Field $_ 'status.restartCount') -gt $round })) 'an exit was told twice'
      $running.Count -eq $count
    } | Out-Null
    if ($round -lt 20) { Get-Instances 'many' | ForEach-Object { Stop-Process -Id ([int] $_.status.pid) -Force -ErrorAction SilentlyContinue } }
  }
  Manual "20 times 1,000 exits, each told once; how many by the sweep: wctld.log with --log-level debug"
}

Row '12' 'escape by WMI or the task scheduler' {
  $file = New-SharedPath 'escaped.txt'
  $wmi = "`$made = Invoke-CimMethod -ClassName Win32_Process -MethodName Create -Arguments @{ CommandLine = '`"$Probe`" sleep' }; `"wmi `$(`$made.ReturnValue) `$(`$made.ProcessId)`" | Set-Content '$file'; Start-Sleep 1000"
  Start-Workload 'wmi' @{ command = (Join-Path $System32 'WindowsPowerShell\v1.0\powershell.exe'); args = @('-NoProfile', '-Command', $wmi); stop = @{ gracePeriodSeconds = 1 } }
  $text = Wait-File $file 'wmi'
  Invoke-WctlChecked @('delete', 'process', 'wmi') | Out-Null
  $id = if ($text -match 'wmi 0 (\d+)') { [int] $Matches[1] } else { 0 }
  $isOutside = Test-Pid $id
  if ($isOutside) { Stop-Process -Id $id -Force }
  $seen = if ($isOutside) { 'a process made through WMI is outside of the job and outlived it' } else { "WMI made none that outlives the job ($($text.Trim()))" }
  Manual "$seen. By hand, in a workload whose account may: schtasks /create /sc once /st 23:59 /tn x /tr notepad and schtasks /run /tn x: also outside"
}

Row '13' 'daemon inside a job (Windows Terminal, a CI runner)' {
  $daemon = Start-Daemon 'nested'
  [Native]::PutInJob($daemon.Handle)
  Assert-That ([Native]::IsInSomeJob($daemon.Handle)) 'the daemon could not be put into a job'
  Start-Workload 'nested' (New-ProbeSpec @('injob'))
  Wait-Log 'nested-0' 'in a job: True Global\\wctl-' | Out-Null
  Pass 'a workload of a daemon that is in a job is in its own job'
}

# ------------------------------------------------------------------------------------------------------- processes, output, files

Row '14' 'PROC_THREAD_ATTRIBUTE_JOB_LIST on each Windows version' {
  Start-Workload 'assigned' (New-ProbeSpec @('injob'))
  Wait-Log 'assigned-0' 'in a job: True' | Out-Null
  Manual "on $([Environment]::OSVersion.VersionString) Main finds itself in the job. By hand: Process Monitor shows no thread start before the assignment; on each other version again"
}

Row '15' 'paths over 260 characters' {
  $folder = Join-Path $Root 'long'
  [Native]::MakeFolder($folder)
  while ($folder.Length -lt 340) {
    $folder = "$folder\" + 'x' * 60
    [Native]::MakeFolder("\\?\$folder")
  }
  [Native]::Copy((Join-Path $System32 'HOSTNAME.EXE'), "\\?\$folder\hostname.exe")
  Start-Workload 'long' @{ command = "$folder\hostname.exe"; restartPolicy = 'Never' } -NoWait
  $ended = Wait-Ended 'long-0'
  Assert-Equal $ended.exitCode 0 'exit code'
  Pass "a program whose path has $($folder.Length + 13) characters ran"
}

Row '16' 'device names, trailing dots, streams' {
  $commands = @(
    'NUL', 'C:\NUL', 'C:\x\con.exe', 'C:\x\com1.log', 'C:\x\a.exe.', 'C:\x\a.exe ', 'C:\x\a.exe::$DATA', 'C:\x\a:b',
    '\\?\C:\Windows\System32\HOSTNAME.EXE', '\\.\C:\Windows\System32\HOSTNAME.EXE', '\\localhost\c$\Windows\System32\HOSTNAME.EXE',
    'C:HOSTNAME.EXE', '\Windows\System32\HOSTNAME.EXE', 'System32\HOSTNAME.EXE', 'C:\x\run.bat', 'C:\x\run.cmd.', 'C:\x\RUN.CMD ::$DATA'
  )
  $number = 0
  foreach ($command in $commands) {
    foreach ($spec in @(@{ command = $command }, @{ command = $Probe; args = @('sleep'); workingDir = $command })) {
      if ($command -match '^(NUL|C:\\x\\run)' -and $spec.ContainsKey('workingDir')) { continue }
      $number++
      if ((Invoke-Apply (New-Manifest "path$number" $spec)).Code -ne 0) { continue }
      $why = Wait-Refused "path$number-0"
      Assert-That (@('InvalidArgument', 'ScriptRefused') -contains $why.reason) "$($spec.command) in $($spec['workingDir']): $($why.reason): $($why.message)"
    }
  }
  Pass "$number spellings refused, none looked at by Windows"
}

Row '17' 'append-only output' {
  $count = 100000
  Start-Workload 'writers' (New-ProbeSpec @('writers', "$count") @{ restartPolicy = 'Never'; logs = @{ maxSize = '100Mi' } }) -NoWait
  Wait-Ended 'writers-0' 300 | Out-Null
  $lines = (Get-Log 'writers-0').Split("`n")
  foreach ($name in 'A', 'B') {
    $whole = @($lines | Where-Object { $_ -cmatch "^$name \d+ \.+$" -and $_.Length -eq 99 })
    Assert-Equal $whole.Count $count "whole lines of $name"
    for ($n = 0; $n -lt $count; $n++) { if (-not $whole[$n].StartsWith("$name $($n + 1) ")) { throw "line $($n + 1) of $name is not in its place: $($whole[$n])" } }
  }
  Pass "2 times $count lines, none lost, none torn, each writer's in order"
}

Row '18' 'sparse logs' {
  Start-Workload 'flood' (New-ProbeSpec @('flood', '100') @{ logs = @{ maxSize = '1Mi' } })
  Wait-Log 'flood-0' '(?m)^end$' 300 | Out-Null
  $file = Join-Path (Get-HomePath 'flood-0') 'logs\1.out'
  Wait-Until 'the oldest part is released' 30 { [Native]::SizeOnDisk($file) -le (1.25 * $MiB + 65536) } | Out-Null
  $ranges = @((Invoke-Checked (Join-Path $System32 'fsutil.exe') @('sparse', 'queryrange', $file)).Trim().Split("`n"))
  $text = Get-Log 'flood-0'
  Assert-That ($text -cmatch '^flood \d+ \.+\n') "the log does not begin with a whole line: $($text.Substring(0, [math]::Min(120, $text.Length)))"
  $enforced = (Get-Instance 'flood-0').status.conditions | Where-Object { $_.type -eq 'Enforced' }
  $message = [string] (Get-Field $enforced 'message')
  Assert-That ($message -notmatch 'logs\.maxSize') "it is not enforced: $message"
  Pass "$([Native]::SizeOnDisk($file)) bytes on disk of $((Get-Item -LiteralPath $file).Length), in $($ranges.Count) range(s)"
}

Row '19' 'growing files' {
  Start-Workload 'clock' (New-ProbeSpec @('clock'))
  Wait-Log 'clock-0' 'Z' | Out-Null
  $start = New-Object System.Diagnostics.ProcessStartInfo
  $start.FileName = $Program
  $start.Arguments = Join-Arguments @('--kubeconfig', $script:Kubeconfig, 'logs', '-f', '--tail', '1', 'instance/clock-0')
  $start.UseShellExecute = $false
  $start.CreateNoWindow = $true
  $start.RedirectStandardOutput = $true
  $follower = [System.Diagnostics.Process]::Start($start)
  $slowest = 0
  try {
    Read-Line $follower.StandardOutput | Out-Null
    foreach ($n in 1..10) {
      $written = [DateTime]::Parse((Read-Line $follower.StandardOutput), [Globalization.CultureInfo]::InvariantCulture, 'RoundtripKind')
      $slowest = [math]::Max($slowest, ([DateTime]::UtcNow - $written).TotalMilliseconds)
    }
  } finally { $follower.Kill() }
  Assert-That ($slowest -lt 1000) "a line came after $slowest ms"
  Start-Workload 'rate' (New-ProbeSpec @('rate') @{ logs = @{ maxSize = '1Mi' } })
  $file = Join-Path (Get-HomePath 'rate-0') 'logs\1.out'
  $largest = 0
  foreach ($n in 1..30) {
    Start-Sleep -Seconds 1
    $largest = [math]::Max($largest, [Native]::SizeOnDisk($file))
  }
  # The daemon looks every 50 ms while a log grows this fast.
  Assert-That ($largest -le (1.25 * $MiB + 131072)) "the log took $largest bytes"
  Pass "slowest line $([math]::Round($slowest)) ms; at most $largest bytes on disk at 1 MiB a second"
}

Row '20' 'removal against links' {
  $rounds = if ($Long) { 2000 } else { 50 }
  New-Item -ItemType Directory -Path (Join-Path $Canary 'inner') | Out-Null
  foreach ($name in 'a.txt', 'inner\b.txt') { Write-Text (Join-Path $Canary $name) 'whole' }
  Invoke-Checked (Join-Path $System32 'icacls.exe') @($Canary, '/grant', '*S-1-1-0:(OI)(CI)M') | Out-Null
  $loop = "for /l %i in (1,0,2) do (mklink /J x $Canary & rmdir x & mkdir x\inner & rmdir /s /q x)"
  $spec = @{ command = (Join-Path $System32 'cmd.exe'); args = @('/d', '/c', $loop); stop = @{ gracePeriodSeconds = 0 }; logs = @{ maxSize = '64Ki' } }
  foreach ($round in 1..$rounds) {
    Start-Workload 'links' $spec
    Wait-Log 'links-0' '.' | Out-Null
    Invoke-WctlChecked @('delete', 'process', 'links', '--timeout', '60s') | Out-Null
    foreach ($name in 'a.txt', 'inner\b.txt') {
      Assert-Equal (Read-Text (Join-Path $Canary $name)) 'whole' "in round ${round}, $name"
    }
  }
  $seen = "the canary is whole after $rounds rounds"
  if ($Long) { Pass $seen } else { Manual "$seen; 2,000 of them: -Long" }
}

Row '21' 'files held by an antivirus program' {
  $status = try { Get-MpComputerStatus } catch { $null }
  if ($null -eq $status -or -not $status.RealTimeProtectionEnabled) { Skip-Row 'Defender''s real-time protection is off here' }
  $count = 200
  Start-Workload 'short' (New-ProbeSpec @('exit', '0') @{ replicas = $count; restartPolicy = 'Never' }) -NoWait
  Wait-Until 'all have ended' 600 { @(Get-Instances 'short' | Where-Object { (Get-Field $_ 'status.phase') -eq 'Succeeded' }).Count -eq $count } | Out-Null
  $uids = @(Get-Instances 'short' | ForEach-Object { $_.metadata.uid })
  Invoke-WctlChecked @('delete', 'process', 'short', '--timeout', '300s') 320 | Out-Null
  $left = @($uids | Where-Object { Test-Path -LiteralPath (Join-Path $DataDir "instances\$_") })
  Assert-Equal $left.Count 0 'folders left'
  Pass "$count short runs removed with Defender on"
}

Row '22' 'environment' {
  Start-Workload 'env' (New-ProbeSpec @('env') @{ inheritEnvironment = 'System'; restartPolicy = 'Never' }) -NoWait
  Wait-Ended 'env-0' | Out-Null
  $has = @{}
  foreach ($line in (Get-Log 'env-0').Split("`n")) { if ($line -match '^([^=]+)=(.*)$') { $has[$Matches[1]] = $Matches[2] } }
  $machine = [Environment]::GetEnvironmentVariables('Machine')
  foreach ($name in $machine.Keys) {
    if (@('USERNAME', 'Path', 'TEMP', 'TMP') -contains $name) { continue } # These an account has of its own.
    Assert-That $has.ContainsKey($name) "the system variable $name is missing"
    Assert-Equal $has[$name] $machine[$name] $name
  }
  $alien = @($has.Keys | Where-Object { $has[$_] -match 'systemprofile' })
  Assert-Equal $alien.Count 0 "variables of the service's account ($($alien -join ', '))"
  Pass "$($machine.Count) system variables, nothing of LocalSystem"
}

Row '23' 'CreateProcessW and UNC, OneDrive placeholders, app execution aliases' {
  $aliases = @(Get-ChildItem -Path (Join-Path $env:LOCALAPPDATA 'Microsoft\WindowsApps\*.exe') -ErrorAction SilentlyContinue)
  if ($aliases.Count -eq 0) { Skip-Row 'this account has no app execution aliases' }
  Start-Daemon 'aliases' | Out-Null
  Start-Workload 'alias' @{ command = $aliases[0].FullName; args = @('--version'); restartPolicy = 'Never' } -NoWait
  $state = Wait-Until 'it started, or it is said why not' 60 {
    $now = Get-Field (Get-Instance 'alias-0') 'status.state'
    if ($null -ne (Get-Field $now 'terminated') -or $null -ne (Get-Field $now 'running')) { 'started' } elseif ((Get-Field $now 'waiting.reason') -ne 'NotStarted') { Get-Field $now 'waiting.message' }
  }
  Manual "$($aliases[0].Name): $state. By hand: a program in OneDrive that is not on this disk yet, and one on a share, which must be refused"
}

Row '24' 'environment of an adopted run''s probes' {
  foreach ($bits in 'x86', 'x64') {
    $file = Join-Path $Bin "probe-$bits.exe"
    Build-Probe $file $bits
    $seen = New-SharedPath "$bits.txt"
    Start-Daemon "peb$bits" | Out-Null
    $spec = @{ command = $file; args = @('sleep'); env = @(@{ name = 'MARK'; value = $bits }) }
    $spec.readinessProbe = @{ exec = @{ command = @($file, 'put', $seen, 'MARK') }; periodSeconds = 1; timeoutSeconds = 10 }
    Start-Workload 'peb' $spec
    $id = Get-InstancePid 'peb-0'
    Stop-Daemons
    Remove-Item -LiteralPath $seen
    Start-Daemon "peb$bits" | Out-Null
    Wait-File $seen "^$bits$" | Out-Null
    Assert-Equal (Get-InstancePid 'peb-0') $id "pid of the adopted $bits process"
    Remove-Workloads
    Stop-Daemons
  }
  Pass 'after an adoption the probe has the workload''s variables, in 32 and 64 bits'
}

Row '24a' 'adoption looks into no stranger' {
  Manual 'with Defender for Endpoint or another EDR on: restart the service with workloads running; no alert, and Sysmon (event 10) shows only workloads opened, none with PROCESS_VM_READ'
}

Row 'I1' 'a stranger''s job of a name that has become free' {
  Manual 'note WCTL_JOB of a workload, kill wctld.exe and the tree of the workload, make a job of that name as an ordinary user with a process in it, start wctld: the process lives, in no job of ours, and the instance is started anew or shown as ended'
}

Row 'I2' 'owner of the job object' {
  Manual 'Process Explorer or WinObj on the job of a workload of the service: its owner is Administrators or SYSTEM; after a restart of wctld the workload is in that same job and in no second one'
}

Row 'I3' 'keeper of handles' {
  Manual 'hostname.exe below wctld.exe is suspended and uses no CPU; kill wctld.exe, end a workload, start wctld: its exit code is shown; the keeper stays while a workload lives and is gone after a stop of all; an EDR says nothing'
}

# ------------------------------------------------------------------------------------------------------------------------ stopping

Row '25' 'Ctrl-C from session 0' {
  $file = New-SharedPath 'ctrl-c.txt'
  $neighbour = New-SharedPath 'neighbour.txt'
  Start-Workload 'ctrlc' (New-ProbeSpec @('ctrl', $file) @{ stop = @{ signal = 'CtrlC'; gracePeriodSeconds = 20 } })
  Start-Workload 'neighbour' (New-ProbeSpec @('ctrl', $neighbour) @{ stop = @{ signal = 'CtrlC'; gracePeriodSeconds = 20 } })
  foreach ($name in 'ctrlc-0', 'neighbour-0') { Wait-Log $name 'ready' | Out-Null }
  $before = @((Get-InstancePid 'neighbour-0'), (Get-ServicePid))
  Invoke-WctlChecked @('delete', 'process', 'ctrlc') | Out-Null
  Assert-Equal ((Read-Text $file).Trim()) 'ctrl 0' 'what the handler saw'
  Assert-That (-not (Test-Path -LiteralPath $neighbour)) 'the neighbour had it too'
  Assert-Equal (@((Get-InstancePid 'neighbour-0'), (Get-ServicePid)) -join ' ') ($before -join ' ') 'pids of the neighbour and the service'
  Pass 'the handler ran, the neighbour and the service did not notice'
}

Row '26' 'Ctrl-Break' {
  $file = New-SharedPath 'ctrl-break.txt'
  Start-Workload 'ctrlbreak' (New-ProbeSpec @('ctrl', $file) @{ stop = @{ signal = 'CtrlBreak'; gracePeriodSeconds = 20 } })
  Wait-Log 'ctrlbreak-0' 'ready' | Out-Null
  Invoke-WctlChecked @('delete', 'process', 'ctrlbreak') | Out-Null
  Assert-Equal ((Read-Text $file).Trim()) 'ctrl 1' 'what the handler saw'
  Pass 'the handler ran'
}

Row '27' 'WM_CLOSE' {
  if (-not [Environment]::UserInteractive) { Skip-Row 'this session has no desktop' }
  $file = New-SharedPath 'closed.txt'
  $spec = New-ProbeSpec @('window', $file) @{ stop = @{ signal = 'WmClose'; gracePeriodSeconds = 20 } }
  Start-Daemon 'windows' | Out-Null
  Start-Workload 'window' $spec
  Wait-Log 'window-0' 'ready' | Out-Null
  Invoke-WctlChecked @('delete', 'process', 'window') | Out-Null
  Assert-Equal ((Read-Text $file).Trim()) 'closed' 'in the same session the window'
  Stop-Daemons
  $spec.stop = @{ signal = 'WmClose'; gracePeriodSeconds = 3 }
  Start-Workload 'window' $spec
  Wait-Log 'window-0' 'ready' | Out-Null
  Invoke-WctlChecked @('delete', 'process', 'window') | Out-Null
  $stopped = @(Get-EventsOf 'window-0' | Where-Object { $_.reason -eq 'Stopped' })[-1].message
  Assert-That ($stopped -match 'WmClose could not be delivered') "as a service: $stopped"
  Pass 'closed in the same session; the service says that it could not be delivered'
}

Row '28' 'event' {
  $file = New-SharedPath 'event.txt'
  Start-Workload 'event' (New-ProbeSpec @('event', $file) @{ stop = @{ signal = 'Event'; gracePeriodSeconds = 20 } })
  Wait-Log 'event-0' 'ready' | Out-Null
  Assert-That ([Native]::UserSid((Get-InstancePid 'event-0')) -ne 'S-1-5-18') 'it runs as LocalSystem, which may set the event'
  Invoke-WctlChecked @('delete', 'process', 'event') | Out-Null
  Assert-Equal ((Read-Text $file).Trim().Replace("`n", ', ')) 'set error 5, stopped' 'what it could do'
  Pass 'it may wait for the event and not set it'
}

# ---------------------------------------------------------------------------------------- trees and their folders

Row 'T1' 'what a finished probe has started' {
  $start = "start `"`" /b $(Join-Path $System32 'ping.exe') -n 1000 127.0.0.1"
  $probe = @{ exec = @{ command = @((Join-Path $System32 'cmd.exe'), '/d', '/c', $start) }; periodSeconds = 1; timeoutSeconds = 10 }
  $before = @(Get-Process -Name 'ping' -ErrorAction SilentlyContinue).Count
  Start-Workload 'probed' (New-ProbeSpec @('sleep') @{ readinessProbe = $probe })
  $workload = Get-InstancePid 'probed-0'
  $most = 0
  foreach ($look in 1..20) {
    Start-Sleep -Milliseconds 500
    $most = [math]::Max($most, @(Get-Process -Name 'ping' -ErrorAction SilentlyContinue).Count - $before)
  }
  Assert-That ($most -le 1) "$most of them at once"
  Assert-Equal (Get-InstancePid 'probed-0') $workload 'pid of the workload'
  Invoke-WctlChecked @('delete', 'process', 'probed') | Out-Null
  Assert-Equal @(Get-Process -Name 'ping' -ErrorAction SilentlyContinue).Count $before 'left after the deletion'
  Pass "at most $most at once, none after the deletion"
}

Row 'T2' 'a folder that others hold open' {
  foreach ($shares in $true, $false) {
    Start-Workload 'held' (New-ProbeSpec @('sleep'))
    $folder = Get-HomePath 'held-0'
    $share = if ($shares) { [System.IO.FileShare] 'ReadWrite, Delete' } else { [System.IO.FileShare] 'ReadWrite' }
    $file = [System.IO.File]::Open((Join-Path $folder 'work\held.txt'), 'OpenOrCreate', 'ReadWrite', $share)
    try {
      $deletion = Invoke-Wctl @('delete', 'process', 'held', '--timeout', '15s') 60
      if ($shares) {
        Assert-Equal $deletion.Code 0 "delete: $($deletion.Err)"
        Assert-That (-not (Test-Path -LiteralPath $folder)) 'the folder is there'
      } else { Assert-That ($deletion.Code -ne 0) 'it was removed though the file was not shared' }
    } finally { $file.Dispose() }
  }
  Wait-Until 'it is removed when the file is let go' 60 { -not (Test-Path -LiteralPath $folder) } | Out-Null
  Pass 'gone at once when the file was shared, and after it was closed when not'
}

Row 'T3' 'junctions of strangers and the service' {
  $line = 'mkdir x & echo whole> x\f & mklink /J y x & type y\f & ping -n 1000 127.0.0.1'
  Start-Workload 'junction' @{ command = (Join-Path $System32 'cmd.exe'); args = @('/d', '/c', $line); stop = @{ gracePeriodSeconds = 0 } }
  Wait-Log 'junction-0' '(?m)^whole' | Out-Null
  Manual "a workload follows its own junction; look in System Informer whether redirection trust is on for wctl.exe, pid $(Get-ServicePid)"
}

Row 'T4' 'a folder that becomes a junction in place' {
  $line = 'for /l %i in (1,1,10000) do @mkdir d%i'
  Start-Workload 'many' @{ command = (Join-Path $System32 'cmd.exe'); args = @('/d', '/c', "$line & echo made & ping -n 1000 127.0.0.1"); stop = @{ gracePeriodSeconds = 0 } }
  Wait-Log 'many-0' 'made' 300 | Out-Null
  $folder = Get-HomePath 'many-0'
  Invoke-WctlChecked @('delete', 'process', 'many', '--timeout', '120s') 150 | Out-Null
  Assert-That (-not (Test-Path -LiteralPath $folder)) 'the folder is there'
  Manual '10,000 folders are removed; do it again with a program that sets FSCTL_SET_REPARSE_POINT on each while it is removed'
}

Row 'T5' 'a command beside a workload' {
  Start-Workload 'beside' (New-ProbeSpec @('sleep'))
  $ran = Invoke-Wctl @('exec', 'beside', '--', (Join-Path $System32 'cmd.exe'), '/d', '/c', 'whoami & exit 3') 60
  Assert-Equal $ran.Code 3 "exit code: $($ran.Err)"
  Assert-That ($ran.Out -match '\\') "whoami said: $($ran.Out)"
  Manual "it ran as $($ran.Out.Trim()); send it 1 MB with -i, and end one that runs ping by Ctrl-C: no ping is left"
}

# ---------------------------------------------------------------------------------------- the service, its installer, its data

Row 'S1' 'failure actions' {
  Start-Workload 'kept' (New-ProbeSpec @('sleep'))
  $workload = Get-InstancePid 'kept-0'
  $seen = @()
  foreach ($delay in 1, 5, 30, 30) {
    $before = Get-ServicePid
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    Stop-Process -Id $before -Force
    Wait-Until "started again after a failure, in $delay s" ($delay + 30) { $now = Get-ServicePid; $now -ne 0 -and $now -ne $before } | Out-Null
    $took = $watch.Elapsed.TotalSeconds
    Assert-That ($took -ge $delay - 0.5 -and $took -le $delay + 10) "started again after $([math]::Round($took, 1)) s instead of $delay"
    Wait-Until 'it answers' 60 { (Invoke-Wctl @('get', 'nodes')).Code -eq 0 } | Out-Null
    Wait-Until 'the workload is adopted' 30 { (Get-InstancePid 'kept-0') -eq $workload } | Out-Null
    Assert-That (Test-Pid $workload) 'the workload has ended'
    $seen += [math]::Round($took, 1)
  }
  $listed = Invoke-Checked (Join-Path $System32 'sc.exe') @('qfailure', $Tag)
  Assert-That ($listed -match '1000\D[\s\S]*5000\D[\s\S]*30000\D') "sc qfailure: $listed"
  Pass "started again after $($seen -join ', ') s; the workload kept its pid"
}

Row 'S2' 'a failure without a crash' {
  $config = Join-Path $Root 'wrong.yaml'
  Write-Text $config "noSuchField: 1`n"
  $made = Install-Throwaway 'wrong' @('--data-dir', (Join-Path $Root 'data-wrong'), '--listen', '127.0.0.1:0', '--config', $config)
  Assert-Equal $made.Code 0 "install: $($made.Err)"
  $ran = Invoke-Service 'start' @() $made.Name
  Assert-That ($ran.Code -ne 0 -and $ran.Err -match 'noSuchField') "start said: $($ran.Err)"
  Wait-Until 'exit code 1066' 20 { (Get-CimInstance Win32_Service -Filter "Name='$($made.Name)'").ExitCode -eq 1066 } | Out-Null
  Wait-Until 'event 10 twice: it was started again' 20 {
    @(Get-WinEvent -FilterHashtable @{ LogName = 'Application'; ProviderName = $made.Name; Id = 10 } -ErrorAction SilentlyContinue).Count -ge 2
  } | Out-Null
  $event10 = Get-WinEvent -FilterHashtable @{ LogName = 'Application'; ProviderName = $made.Name; Id = 10 } -MaxEvents 1
  Assert-That ($event10.Message -match 'noSuchField') "event 10 does not say why: $($event10.Message)"
  $flag = Invoke-Checked (Join-Path $System32 'sc.exe') @('qfailureflag', $made.Name)
  Assert-That ($flag -match ':\s*(1|TRUE)') "sc qfailureflag: $flag"
  Pass 'exit code 1066, started again, event 10 names the field'
}

Row 'S3' 'delayed start, service SID, required privileges' {
  $sc = Join-Path $System32 'sc.exe'
  Assert-That ((Invoke-Checked $sc @('qc', $Tag)) -match 'AUTO_START\s+\(DELAYED\)') 'sc qc does not say AUTO_START (DELAYED)'
  Assert-That ((Invoke-Checked $sc @('qsidtype', $Tag)) -match 'UNRESTRICTED') 'sc qsidtype does not say UNRESTRICTED'
  $wanted = @(
    'SeAssignPrimaryTokenPrivilege', 'SeBackupPrivilege', 'SeChangeNotifyPrivilege', 'SeCreateGlobalPrivilege', 'SeDebugPrivilege',
    'SeImpersonatePrivilege', 'SeIncreaseBasePriorityPrivilege', 'SeIncreaseQuotaPrivilege', 'SeRestorePrivilege', 'SeTcbPrivilege'
  )
  $listed = @([regex]::Matches((Invoke-Checked $sc @('qprivs', $Tag)), 'Se\w+Privilege') | ForEach-Object { $_.Value } | Sort-Object)
  Assert-Equal ($listed -join ' ') ($wanted -join ' ') 'sc qprivs'
  $has = @([Native]::Privileges((Get-ServicePid)) | Sort-Object)
  Assert-Equal ($has -join ' ') ($wanted -join ' ') 'privileges of the process'
  Assert-Equal $script:InstallWarnings '' 'warnings at installation'
  Pass 'delayed, SID unrestricted, the ten privileges and no other, no warning'
}

Row 'S4' 'preshutdown' {
  Manual 'install the service, run a workload that writes a line a second and takes 20 s to stop, restart Windows. Its own stop is in its log, nothing was started meanwhile, wctld.log ends with "wctld ending", events 2 and 3 are in the event log'
}

Row 'S5' 'shutdown after sc preshutdown was lowered to 1,000 ms' {
  Manual 'as S4, after setting PreshutdownTimeout of the service to 1000 (HKLM\SYSTEM\CurrentControlSet\Services\wctl). At the next start wctld.log tells of no recovery of the store'
}

Row 'S6' 'sc control wctl paramchange' {
  $config = Join-Path $Root 'config.yaml'
  Write-Text $config "logLevel: info`n"
  $made = Install-Throwaway 'config' @('--data-dir', (Join-Path $Root 'data-config'), '--listen', '127.0.0.1:0', '--config', $config)
  Assert-Equal $made.Code 0 "install: $($made.Err)"
  Invoke-ServiceChecked 'start' @() $made.Name | Out-Null
  Write-Text $config "logLevel: debug`n"
  Invoke-Checked (Join-Path $System32 'sc.exe') @('control', $made.Name, 'paramchange') | Out-Null
  Wait-Until 'the new level is in force' 15 { (Read-Shared (Join-Path $Root 'data-config\wctld.log')) -match '"level":"debug"' } | Out-Null
  Manual 'the control is taken and the new level in force. By hand: with --config on a share that tells of no changes, where only the control can be the cause'
}

Row 'S7' 'the data directory' {
  $acl = Get-Acl -LiteralPath $DataDir
  Assert-That $acl.AreAccessRulesProtected 'something is inherited'
  $rules = @($acl.GetAccessRules($true, $true, [System.Security.Principal.SecurityIdentifier]))
  foreach ($rule in $rules) {
    Assert-That (@('S-1-5-18', 'S-1-5-32-544') -contains $rule.IdentityReference.Value) "$($rule.IdentityReference) has $($rule.FileSystemRights)"
    Assert-Equal $rule.FileSystemRights 'FullControl' "rights of $($rule.IdentityReference)"
  }
  Assert-Equal $rules.Count 2 'rules'
  Assert-Equal ($acl.GetOwner([System.Security.Principal.SecurityIdentifier]).Value) 'S-1-5-32-544' 'owner'
  Pass 'SYSTEM and Administrators, full; nothing inherited; owner Administrators'
}

Row 'S8' 'somebody else''s data directory' {
  $folder = Join-Path $Root 'data-foreign'
  New-Item -ItemType Directory -Path $folder | Out-Null
  $icacls = Join-Path $System32 'icacls.exe'
  Invoke-Checked $icacls @($folder, '/grant', "${User}:(OI)(CI)F") | Out-Null
  Invoke-Checked $icacls @($folder, '/setowner', $User) | Out-Null
  $words = @('--data-dir', $folder, '--listen', '127.0.0.1:0')
  $made = Install-Throwaway 'foreign' $words
  Assert-That ($made.Code -ne 0) 'it was installed'
  Assert-That ($made.Err -match 'Delete it' -and $made.Err -notmatch 'icacls') "it said: $($made.Err)"
  Write-Text (Join-Path $folder 'data-id') 'planted'
  Invoke-Checked $icacls @((Join-Path $folder 'data-id'), '/setowner', $User) | Out-Null
  Invoke-Checked $icacls @($folder, '/setowner', '*S-1-5-32-544') | Out-Null
  Invoke-Checked $icacls @($folder, '/inheritance:r', '/remove', $User, '/grant:r', '*S-1-5-18:(OI)(CI)F', '*S-1-5-32-544:(OI)(CI)F') | Out-Null
  $corrected = Install-Throwaway 'foreign' $words
  Assert-That ($corrected.Code -ne 0 -and $corrected.Err -match 'data-id') "it was installed over a planted file: $($corrected.Err)"
  Remove-Item -LiteralPath $folder -Recurse -Force
  $again = Install-Throwaway 'foreign' $words
  Assert-Equal $again.Code 0 "after it was deleted: $($again.Err)"
  Pass "refused; refused with a planted file; installed after it was deleted"
}

Row 'S9' 'a program in a folder that others can write' {
  $folder = Join-Path $Root 'downloads'
  New-Item -ItemType Directory -Path $folder | Out-Null
  Invoke-Checked (Join-Path $System32 'icacls.exe') @($folder, '/grant', "${User}:(OI)(CI)M") | Out-Null
  Copy-Item -LiteralPath $Program -Destination $folder
  $made = Install-Throwaway 'downloads' @('--data-dir', (Join-Path $Root 'data-downloads'), '--listen', '127.0.0.1:0') (Join-Path $folder 'wctl.exe')
  Assert-Equal $made.Code 0 "install: $($made.Err)"
  Assert-That ($made.Err -match 'no safe place' -and $made.Err -match [regex]::Escape($User)) "the warning does not name ${User}: $($made.Err)"
  Pass $made.Err.Trim()
}

Row 'S10' 'event log' {
  $config = Join-Path $Root 'events.yaml'
  Write-Text $config "logLevel: info`n"
  $made = Install-Throwaway 'events' @('--data-dir', (Join-Path $Root 'data-events'), '--listen', '127.0.0.1:0', '--config', $config)
  Assert-Equal $made.Code 0 "install: $($made.Err)"
  Invoke-ServiceChecked 'start' @() $made.Name | Out-Null
  $script:Kubeconfig = Join-Path $Root 'data-events\admin.kubeconfig'
  Start-Workload 'missing' @{ command = 'C:\no\such\program.exe' } -NoWait
  Wait-Refused 'missing-0' | Out-Null
  Invoke-ServiceChecked 'stop' @() $made.Name | Out-Null
  Write-Text $config "noSuchField: 1`n"
  Invoke-Service 'start' @() $made.Name | Out-Null
  Write-Text $config "logLevel: info`n"
  $listener = New-Object System.Net.Sockets.TcpListener([System.Net.IPAddress]::Loopback, 0)
  $listener.Start()
  try {
    Invoke-ServiceChecked 'install' @('--listen', "127.0.0.1:$($listener.LocalEndpoint.Port)") $made.Name | Out-Null
    Invoke-Service 'start' @() $made.Name | Out-Null
    Wait-Until 'event 12' 60 {
      $null -ne (Get-WinEvent -FilterHashtable @{ LogName = 'Application'; ProviderName = $made.Name; Id = 12 } -MaxEvents 1 -ErrorAction SilentlyContinue)
    } | Out-Null
  } finally { $listener.Stop() }
  $all = Wait-Until 'all seven ids' 60 {
    $found = @(Get-WinEvent -FilterHashtable @{ LogName = 'Application'; ProviderName = $made.Name } -ErrorAction SilentlyContinue)
    $ids = @($found | ForEach-Object { $_.Id })
    if (@(1, 2, 3, 10, 12, 13, 100 | Where-Object { $ids -notcontains $_ }).Count -eq 0) { , $found }
  }
  foreach ($one in $all) {
    Assert-That ("$($one.Message)" -ne '') "event $($one.Id) has no text"
    Assert-That ("$($one.Message)" -notmatch 'description for Event ID') "event $($one.Id): $($one.Message)"
    if ($one.Id -eq 100) { Assert-That ("$($one.Message)" -notmatch 'program\.exe') "event 100 tells what happened: $($one.Message)" }
  }
  Pass "ids 1, 2, 3, 10, 12, 13, 100 with text; 100: $(@($all | Where-Object { $_.Id -eq 100 })[0].Message)"
}

Row 'S11' 'library planting' {
  $folder = Join-Path $Root 'planted'
  New-Item -ItemType Directory -Path $folder | Out-Null
  foreach ($name in 'profapi.dll', 'version.dll', 'dbghelp.dll', 'userenv.dll', 'winmm.dll') {
    Copy-Item -LiteralPath (Join-Path $System32 $name) -Destination $folder
  }
  Write-Text (Join-Path $folder 'web.json') (ConvertTo-Json (New-Manifest 'planted' (New-ProbeSpec @('sleep'))) -Depth 16)
  $ran = Invoke-Program $Program @('--kubeconfig', $script:Kubeconfig, 'apply', '-f', 'web.json') 60 $folder
  Assert-Equal $ran.Code 0 "apply: $($ran.Err)"
  $line = Join-Arguments @('--kubeconfig', $script:Kubeconfig, 'get', 'processes', '-w')
  $cli = Start-Process -FilePath $Program -ArgumentList $line -WorkingDirectory $folder -WindowStyle Hidden -PassThru -RedirectStandardOutput (New-SharedPath 'watch.out')
  try {
    Start-Sleep -Seconds 3
    foreach ($id in $cli.Id, (Get-ServicePid)) {
      $loaded = @((Get-Process -Id $id).Modules | ForEach-Object { $_.FileName })
      Assert-That ($loaded.Count -gt 5) "the modules of $id can't be seen"
      $alien = @($loaded | Where-Object { $_ -notlike "$env:SystemRoot\*" -and $_ -ne $Program -and $_ -notlike "$DataDir\*" -and $_ -notlike '*\koffi-*' })
      Assert-Equal ($alien -join ', ') '' "loaded by process $id"
    }
  } finally { if (-not $cli.HasExited) { $cli.Kill() } }
  Pass 'neither the CLI in that folder nor the service loaded one'
}

# The installer's own service is called wctl; a machine that has one is left alone.
function Assert-NoInstalledWctl {
  if ($Msi -eq '') { Skip-Row 'no installer was given: -Msi' }
  if ($null -ne (Get-Service -Name 'wctl' -ErrorAction SilentlyContinue)) { Skip-Row 'there is a service wctl on this machine already' }
  if (Test-Path -LiteralPath (Join-Path $env:ProgramData 'wctl')) { Skip-Row "$env:ProgramData\wctl is there already" }
}

function Invoke-Msiexec([string[]] $Words) {
  (Start-Process -FilePath (Join-Path $System32 'msiexec.exe') -ArgumentList (Join-Arguments ($Words + @('/qn', '/norestart'))) -Wait -PassThru).ExitCode
}

# 3010: done, and a file that was in use goes when Windows starts again. The service runs on from it during a repair.
function Assert-Repaired([int] $Code, [string] $What) { Assert-That (@(0, 3010) -contains $Code) "$What ended with $Code" }

Row 'S12' 'the installer' {
  Assert-NoInstalledWctl
  $installed = Join-Path $env:ProgramFiles 'wctl\wctl.exe'
  $latest = $Msi
  Assert-Equal (Invoke-Msiexec @('/i', $Msi)) 0 'msiexec /i'
  try {
    Wait-Until 'the service runs' 60 { (Get-Service -Name 'wctl').Status -eq 'Running' } | Out-Null
    Assert-That ((Get-CimInstance Win32_Service -Filter "Name='wctl'").PathName.StartsWith('"')) 'the path of the service is not in quotes'
    $script:Kubeconfig = Join-Path $env:ProgramData 'wctl\admin.kubeconfig'
    Start-Workload 'msi' (New-ProbeSpec @('sleep'))
    $workload = Get-InstancePid 'msi-0'
    Assert-Repaired (Invoke-Msiexec @('/fa', $Msi)) 'msiexec /fa'
    Assert-That (Test-Pid $workload) 'the workload ended with the repair'
    if ($NewerMsi -ne '') {
      Assert-Equal (Invoke-Msiexec @('/i', $NewerMsi)) 0 'the upgrade'
      $latest = $NewerMsi
      Wait-Until 'the service runs' 60 { (Get-Service -Name 'wctl').Status -eq 'Running' } | Out-Null
      Assert-Equal (Wait-InstancePid 'msi-0') $workload 'pid of the workload after the upgrade'
    }
    Remove-Workloads
  } finally { $removed = Invoke-Msiexec @('/x', $latest) }
  Assert-Equal $removed 0 'msiexec /x'
  Assert-That ($null -eq (Get-Service -Name 'wctl' -ErrorAction SilentlyContinue)) 'the service is left'
  Assert-That (-not (Test-Path -LiteralPath $installed)) 'the program is left'
  Assert-That ([Environment]::GetEnvironmentVariable('Path', 'Machine') -notmatch '\\wctl\\?(;|$)') 'the PATH entry is left'
  Assert-That (Test-Path -LiteralPath (Join-Path $env:ProgramData 'wctl')) 'the data are gone'
  Remove-Item -LiteralPath (Join-Path $env:ProgramData 'wctl') -Recurse -Force
  if ($NewerMsi -eq '') { Manual 'installs, repairs, removes, data stay. The upgrade: -NewerMsi' } else { Pass 'installs, repairs, upgrades and removes; the workload kept its pid, data stay' }
}

Row 'S13' 'a failing installation' {
  Assert-NoInstalledWctl
  $folder = Join-Path $env:ProgramData 'wctl'
  New-Item -ItemType Directory -Path $folder | Out-Null
  try {
    Invoke-Checked (Join-Path $System32 'icacls.exe') @($folder, '/grant', "${User}:(OI)(CI)F") | Out-Null
    Invoke-Checked (Join-Path $System32 'icacls.exe') @($folder, '/setowner', $User) | Out-Null
    $code = Invoke-Msiexec @('/i', $Msi)
    if ($code -eq 0) { Invoke-Msiexec @('/x', $Msi) | Out-Null }
    Assert-That ($code -ne 0) 'it was installed over somebody else''s data directory'
    Assert-That ($null -eq (Get-Service -Name 'wctl' -ErrorAction SilentlyContinue)) 'the service is left'
    Assert-That (-not (Test-Path -LiteralPath (Join-Path $env:ProgramFiles 'wctl\wctl.exe'))) 'the program is left'
  } finally { Remove-Item -LiteralPath $folder -Recurse -Force }
  Pass "msiexec ended with $code, nothing is left"
}

Row 'S14' 'a signed program' {
  $signature = Get-AuthenticodeSignature -LiteralPath $Wctl
  if ($signature.Status -eq 'Valid') { Manual "the signature is valid ($($signature.SignerCertificate.Subject)). By hand: download it with a browser and start it: SmartScreen and Defender are quiet" } else { Manual "its signature is $($signature.Status): sign wctl.exe and the installer after make dist, and run this row again" }
}

Row 'S15' 'upgrade of a running service' {
  $folder = Join-Path $Root 'new'
  New-Item -ItemType Directory -Path $folder | Out-Null
  Copy-Item -LiteralPath $Program -Destination $folder
  Start-Workload 'upgraded' (New-ProbeSpec @('sleep'))
  $workload = Get-InstancePid 'upgraded-0'
  $before = Get-ServicePid
  Invoke-Checked (Join-Path $folder 'wctl.exe') @('service', 'upgrade', '--name', $Tag) 300 | Out-Null
  Wait-Until 'it answers' 60 { (Invoke-Wctl @('get', 'nodes')).Code -eq 0 } | Out-Null
  Assert-That ((Get-ServicePid) -ne $before) 'the service is the same process'
  Assert-Equal (Wait-InstancePid 'upgraded-0') $workload 'pid of the workload'
  Assert-That (-not (Test-Path -LiteralPath "$Program.old")) 'the old program is left'
  Manual 'the workload kept its pid. By hand: the same with a build of which wctl daemon ends at once; the old program is back and runs'
}

Row 'S16' 'wctl without rights' {
  $status = Invoke-AsUser $Program @('service', 'status', '--name', $Tag)
  Assert-Equal $status.Code 0 "status: $($status.Out)"
  $stop = Invoke-AsUser $Program @('service', 'stop', '--name', $Tag)
  Assert-That ($stop.Code -ne 0 -and $stop.Out -match 'administrator') "stop said: $($stop.Out)"
  Assert-Equal ((Invoke-Service 'status').Code) 0 'the service afterwards: status'
  Invoke-ServiceChecked 'stop' | Out-Null
  try {
    $start = Invoke-AsUser $Program @('service', 'start', '--name', $Tag)
    Assert-That ($start.Code -ne 0 -and $start.Out -match 'administrator') "start said: $($start.Out)"
  } finally { Invoke-ServiceChecked 'start' | Out-Null }
  Pass $start.Out.Trim()
}

Row 'S21' 'a port that others hold' {
  $listener = New-Object System.Net.Sockets.TcpListener([System.Net.IPAddress]::Loopback, 0)
  $listener.Start()
  try {
    $port = $listener.LocalEndpoint.Port
    $made = Install-Throwaway 'taken' @('--data-dir', (Join-Path $Root 'data-taken'), '--listen', "127.0.0.1:$port")
    Assert-Equal $made.Code 0 "install: $($made.Err)"
    Assert-Equal (Invoke-Service 'start' @() $made.Name).Code 0 'start'
    Wait-Until 'event 12' 20 {
      $null -ne (Get-WinEvent -FilterHashtable @{ LogName = 'Application'; ProviderName = $made.Name; Id = 12 } -MaxEvents 1 -ErrorAction SilentlyContinue)
    } | Out-Null
    $event12 = Get-WinEvent -FilterHashtable @{ LogName = 'Application'; ProviderName = $made.Name; Id = 12 } -MaxEvents 1
    Assert-That ($event12.Message -match "pid $PID\b") "event 12 does not name who holds the port: $($event12.Message)"
    $status = Invoke-Service 'status' @() $made.Name
    Assert-That ($status.Code -eq 0 -and $status.Out -match "pid $PID\b") "status said: $($status.Out)"
  } finally { $listener.Stop() }
  Wait-Until 'event 13: the API answers' 60 {
    $null -ne (Get-WinEvent -FilterHashtable @{ LogName = 'Application'; ProviderName = $made.Name; Id = 13 } -MaxEvents 1 -ErrorAction SilentlyContinue)
  } | Out-Null
  Assert-That ((Invoke-Service 'status' @() $made.Name).Out -notmatch "pid $PID\b") 'status still names the other program'
  Pass $event12.Message.Trim()
}

Row 'S22' 'preshutdown, and a workload that does not end' {
  Manual 'install the service, run a workload with gracePeriodSeconds 3600 that ignores Ctrl-C and writes the time every second, restart Windows. It wrote for about 170 s more, wctld.log ends with "wctld ending", events 2 and 3 are in the event log'
}

Row 'P1' 'DLLs beside the program' {
  $folder = Join-Path $Root 'planted'
  New-Item -ItemType Directory -Path $folder | Out-Null
  Copy-Item -LiteralPath $Program -Destination $folder
  foreach ($name in 'dbghelp.dll', 'winmm.dll', 'iphlpapi.dll', 'userenv.dll') { [System.IO.File]::WriteAllText((Join-Path $folder $name), 'no library') }
  Invoke-Checked (Join-Path $folder 'wctl.exe') @('version', '--client') | Out-Null
  Manual 'it started beside files that are no libraries. By hand: with DLLs of another program Process Monitor shows that none of them was opened'
}

Row 'P2' 'repair by an ordinary user' {
  Assert-NoInstalledWctl
  Assert-Equal (Invoke-Msiexec @('/i', $Msi)) 0 'msiexec /i'
  try {
    $key = Get-ChildItem 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall' | ForEach-Object { Get-ItemProperty -LiteralPath $_.PSPath } |
      Where-Object { $_.PSObject.Properties['DisplayName'] -and $_.DisplayName -eq 'wctl' }
    Assert-That ($key.NoRepair -eq 1 -and $key.NoModify -eq 1) 'Settings would offer a repair or a change'
    $before = (Get-CimInstance Win32_Service -Filter "Name='wctl'").ProcessId
    Invoke-AsUser (Join-Path $System32 'msiexec.exe') @('/fa', $Msi, '/qn') | Out-Null
    Assert-Equal (Get-CimInstance Win32_Service -Filter "Name='wctl'").ProcessId $before 'the process of the service after the repair'
  } finally { Invoke-Msiexec @('/x', $Msi) | Out-Null }
  Manual 'the service was not touched. By hand: the same without /qn shows no window of wctl.exe as SYSTEM'
}

Row 'P3' 'the installed file''s version' {
  Assert-NoInstalledWctl
  $info = (Get-Item -LiteralPath $Program).VersionInfo
  Assert-Equal $info.ProductName 'wctl' 'ProductName'
  Assert-Equal $info.OriginalFilename 'wctl.exe' 'OriginalFilename'
  Assert-Equal (Invoke-Msiexec @('/i', $Msi)) 0 'msiexec /i'
  try {
    Assert-Repaired (Invoke-Msiexec @('/i', $Msi, 'REINSTALL=ALL')) 'the same again'
    Assert-That (Test-Path -LiteralPath (Join-Path $env:ProgramFiles 'wctl\wctl.exe')) 'the program is gone'
    Assert-Equal (Get-Service -Name 'wctl').Status 'Running' 'the service'
  } finally { Invoke-Msiexec @('/x', $Msi) | Out-Null }
  Manual "version $($info.FileVersion). By hand: the icon, and another build of the same version installed over it"
}

# ------------------------------------------------------------------------------------------------------------------------ accounts

# What a workload of this runAs is, seen from outside: its account and its privileges.
function Get-WorkloadIdentity([string] $Name, [hashtable] $More) {
  Start-Workload $Name (New-ProbeSpec @('sleep') $More)
  $id = Wait-InstancePid "$Name-0"
  [pscustomobject]@{ Pid = $id; Sid = [Native]::UserSid($id); Privileges = @([Native]::Privileges($id) | Sort-Object) -join ' ' }
}

function Set-UserSecret([string] $Name, [string] $Password) {
  $ran = Invoke-Apply @{ apiVersion = 'v1'; kind = 'Secret'; metadata = @{ name = $Name }; stringData = @{ password = $Password } }
  Assert-Equal $ran.Code 0 "the secret: $($ran.Err)"
}

function New-UserRunAs([string] $Secret) { @{ runAs = @{ account = ".\$User"; passwordSecretRef = @{ name = $Secret; key = 'password' } } } }

# The account that a Process has for itself.
$OwnAccount = '^S-1-5-107(-\d+){5}$'

Row 'A1' 'default account' {
  $identity = Get-WorkloadIdentity 'nobody' @{}
  Assert-That ($identity.Sid -match $OwnAccount) "account of the Process: $($identity.Sid)"
  Assert-Equal $identity.Privileges 'SeChangeNotifyPrivilege' 'privileges'
  Start-Workload 'whoami' @{ command = (Join-Path $System32 'whoami.exe'); args = @('/all'); restartPolicy = 'Never'; logs = @{ encoding = 'OEM' } } -NoWait
  Wait-Ended 'whoami-0' | Out-Null
  $own = @([regex]::Matches((Get-Log 'whoami-0'), 'Se\w+Privilege') | ForEach-Object { $_.Value } | Sort-Object -Unique) -join ' '
  Assert-Equal $own 'SeChangeNotifyPrivilege' 'privileges that whoami /all shows'
  Pass "$($identity.Sid) without privileges but SeChangeNotifyPrivilege"
}

Row 'A2' 'LocalSystem' {
  foreach ($name in 'LocalSystem', 'NT AUTHORITY\SYSTEM', (New-Object System.Security.Principal.SecurityIdentifier('S-1-5-18')).Translate([System.Security.Principal.NTAccount]).Value) {
    $ran = Invoke-Apply (New-Manifest 'system' (New-ProbeSpec @('sleep') @{ runAs = @{ account = $name } }))
    if ($ran.Code -eq 0) {
      $why = Wait-Refused 'system-0'
      Assert-Equal $why.reason 'AccountNotAllowed' "reason for $name ($($why.message))"
      Assert-That ($why.message -match 'allowPrivileged') "the refusal of $name does not say how: $($why.message)"
    } else { Assert-That ($ran.Err -match 'allowPrivileged') "the refusal of $name does not say how: $($ran.Err)" }
    Remove-Workloads
  }
  $config = Join-Path $Root 'privileged.yaml'
  Write-Text $config "allowPrivileged: true`n"
  $made = Install-Throwaway 'privileged' @('--data-dir', (Join-Path $Root 'data-privileged'), '--listen', '127.0.0.1:0', '--config', $config)
  Assert-Equal $made.Code 0 "install: $($made.Err)"
  Invoke-ServiceChecked 'start' @() $made.Name | Out-Null
  $script:Kubeconfig = Join-Path $Root 'data-privileged\admin.kubeconfig'
  $identity = Get-WorkloadIdentity 'system' @{ runAs = @{ account = 'LocalSystem' } }
  Assert-Equal $identity.Sid 'S-1-5-18' 'account with allowPrivileged: true'
  Assert-Equal $identity.Privileges 'SeChangeNotifyPrivilege' 'privileges'
  Remove-Workloads
  Pass 'refused in every spelling; with allowPrivileged: true it runs as LocalSystem without privileges'
}

Row 'A3' 'built-in accounts' {
  foreach ($account in @('NT AUTHORITY\LocalService', 'S-1-5-19'), @('NetworkService', 'S-1-5-20')) {
    $identity = Get-WorkloadIdentity 'builtin' @{ runAs = @{ account = $account[0] } }
    Assert-Equal $identity.Sid $account[1] 'account'
    Assert-Equal $identity.Privileges 'SeChangeNotifyPrivilege' 'privileges'
    Remove-Workloads
  }
  Manual 'both run without privileges. In a domain: NetworkService reaches a share as the account of this computer'
}

Row 'A4' 'virtual account' {
  $identity = Get-WorkloadIdentity 'virtual' @{ runAs = @{ account = "NT SERVICE\$Tag" } }
  Assert-That ($identity.Sid.StartsWith('S-1-5-80-')) "account: $($identity.Sid)"
  Start-Workload 'nosuch' (New-ProbeSpec @('sleep') @{ runAs = @{ account = "NT SERVICE\$Tag-missing" } }) -NoWait
  $why = Wait-Refused 'nosuch-0'
  Assert-Equal $why.reason 'AccountNotFound' "reason ($($why.message))"
  Assert-That ($why.message -match 'sc query') "the refusal does not say where to look: $($why.message)"
  Pass "NT SERVICE\$Tag is $($identity.Sid); one without a service is refused"
}

Row 'A5' 'managed account' {
  Manual 'on a member of a domain: runAs.account DOMAIN\name$ of a gMSA that Test-ADServiceAccount accepts here; no password; klist in the workload shows its ticket. On a machine that may not fetch the password: LogonFailed'
}

Row 'A6' 'local and domain user' {
  Set-UserSecret 'right' $UserPassword
  Invoke-Checked $Program @('service', 'grant-logon', ".\$User") | Out-Null
  $sid = (Get-LocalUser -Name $User).SID.Value
  foreach ($name in ".\$User", "$env:COMPUTERNAME\$User") {
    $identity = Get-WorkloadIdentity 'user' @{ runAs = @{ account = $name; passwordSecretRef = @{ name = 'right'; key = 'password' } } }
    Assert-Equal $identity.Sid $sid "account of $name"
    Remove-Workloads
  }
  Start-Workload 'envs' (New-ProbeSpec @('env') (@{ restartPolicy = 'Never' } + (New-UserRunAs 'right'))) -NoWait
  Wait-Ended 'envs-0' | Out-Null
  $text = Get-Log 'envs-0'
  foreach ($variable in 'USERPROFILE', 'APPDATA', 'TEMP') {
    Assert-That ($text -match "(?m)^$variable=.*\\$User(\\|\r?$)") "$variable is not the user's"
  }
  Manual "ran as $User with its own profile. By hand: reg query HKCU\Environment as the workload shows the user's; in a domain the same with DOMAIN\user and user@domain"
}

Row 'A7' 'missing logon right' {
  Set-UserSecret 'right' $UserPassword
  Start-Workload 'rightless' (New-ProbeSpec @('sleep') (New-UserRunAs 'right')) -NoWait
  $state = Wait-Until 'it runs or is refused' 60 {
    $now = Get-Field (Get-Instance 'rightless-0') 'status.state'
    if ($null -ne (Get-Field $now 'running') -or (Get-Field $now 'waiting.reason') -notin @($null, 'NotStarted')) { $now }
  }
  if ($null -ne (Get-Field $state 'running')) { Skip-Row "$User has the right already: A6 has granted it, or a policy. Look at this row alone" }
  $said = "$(Get-Field $state 'waiting.message')"
  Assert-That ($said -match 'wctl service grant-logon') "the refusal does not say how the right is granted: $said"
  Invoke-Checked $Program @('service', 'grant-logon', ".\$User") | Out-Null
  Wait-InstancePid 'rightless-0' 0 400 | Out-Null
  Pass "ran after the right was granted; before: $said"
}

Row 'A8' 'wrong password' {
  Set-UserSecret 'wrong' 'not the password'
  $since = Get-Date
  Start-Workload 'locked' (New-ProbeSpec @('sleep') (@{ replicas = 2 } + (New-UserRunAs 'wrong'))) -NoWait
  $why = Wait-Refused 'locked-0'
  Assert-Equal $why.reason 'LogonFailed' "reason ($($why.message))"
  Wait-Refused 'locked-1' | Out-Null
  $minutes = if ($Long) { 60 } else { 6 }
  Start-Sleep -Seconds ($minutes * 60)
  $tries = @(Get-WinEvent -FilterHashtable @{ LogName = 'Security'; Id = 4625; StartTime = $since } -ErrorAction SilentlyContinue |
      Where-Object { $_.Message -match [regex]::Escape($User) }).Count
  Set-UserSecret 'wrong' $UserPassword
  Wait-InstancePid 'locked-0' 0 400 | Out-Null
  if ($tries -eq 0) { Skip-Row 'the audit of failed logons is off: auditpol /set /subcategory:{0CCE9215-69AE-11D9-BED3-505054503030} /failure:enable' }
  Assert-That ($tries -le 3) "$tries tries within $minutes minutes"
  $seen = "$tries tries of two instances within $minutes minutes, and a corrected Secret runs: $($why.message)"
  if ($Long) { Pass $seen } else { Manual "$seen. The whole hour: -Long" }
}

Row 'A9' 'expired, disabled, locked, must-change' {
  Set-UserSecret 'right' $UserPassword
  $net = Join-Path $System32 'net.exe'
  Invoke-Checked $net @('user', $User, '/active:no') | Out-Null
  try {
    Start-Workload 'disabled' (New-ProbeSpec @('sleep') (New-UserRunAs 'right')) -NoWait
    $why = Wait-Refused 'disabled-0'
  } finally { Invoke-Checked $net @('user', $User, '/active:yes') | Out-Null }
  Assert-That ($why.message -match 'disabled') "a disabled account: $($why.message)"
  Manual "disabled: $($why.message). By hand, one after the other: an expired account, an expired password, one that must be changed (net user NAME /logonpasswordchg:yes), a locked one; each is told in its own words"
}

Row 'A10' 'profile' {
  Set-UserSecret 'right' $UserPassword
  Invoke-Checked $Program @('service', 'grant-logon', ".\$User") | Out-Null
  $hive = "Registry::HKEY_USERS\$((Get-LocalUser -Name $User).SID.Value)"
  Start-Workload 'profile' (New-ProbeSpec @('sleep') (New-UserRunAs 'right'))
  Assert-That (Test-Path -LiteralPath $hive) 'the profile is not loaded'
  Remove-Workloads
  Wait-Until 'the profile is unloaded' 60 { -not (Test-Path -LiteralPath $hive) } | Out-Null
  Start-Workload 'profile' (New-ProbeSpec @('sleep') (New-UserRunAs 'right'))
  Stop-Process -Id (Get-ServicePid) -Force
  Wait-Until 'the service is back' 60 { (Invoke-Wctl @('get', 'nodes')).Code -eq 0 } | Out-Null
  Assert-That (Test-Path -LiteralPath $hive) 'the profile went with the daemon'
  Pass 'loaded; unloaded at the end; still loaded after the daemon was replaced'
}

Row 'A11' 'access' {
  $folder = Join-Path $Root 'closed'
  New-Item -ItemType Directory -Path $folder -Force | Out-Null
  $program = Join-Path $folder 'probe-closed.exe'
  Copy-Item -LiteralPath $Probe -Destination $program
  $icacls = Join-Path $System32 'icacls.exe'
  Invoke-Checked $icacls @($folder, '/inheritance:r', '/grant', '*S-1-5-18:(OI)(CI)F', '/grant', '*S-1-5-32-544:(OI)(CI)F') | Out-Null
  Invoke-Checked $icacls @($program, '/reset') | Out-Null
  Start-Workload 'closed' @{ command = $program; args = @('sleep'); stop = @{ gracePeriodSeconds = 5 } } -NoWait
  $why = Wait-Refused 'closed-0'
  Assert-Equal $why.reason 'AccessDenied' "reason ($($why.message))"
  Assert-That ($why.message -match 'icacls') "the refusal does not say how it is granted: $($why.message)"
  $who = [regex]::Match($why.message, '/grant "([^"]+):\(OI').Groups[1].Value
  Invoke-Checked $icacls @($folder, '/grant', "${who}:(OI)(CI)RX") | Out-Null
  Wait-InstancePid 'closed-0' 0 400 | Out-Null
  Manual "refused, and ran after the account was let in. By hand: the icacls line of the message does it as it stands: $($why.message)"
}

Row 'A12' 'session' {
  if ((Get-CimInstance Win32_ComputerSystem).UserName -in @($null, '')) { Skip-Row 'nobody is logged on at the console' }
  $identity = Get-WorkloadIdentity 'console' @{ runAs = @{ session = 'Console' } }
  $wanted = (New-Object System.Security.Principal.NTAccount((Get-CimInstance Win32_ComputerSystem).UserName)).Translate([System.Security.Principal.SecurityIdentifier]).Value
  Assert-Equal $identity.Sid $wanted 'account'
  $session = (Get-Process -Id $identity.Pid).SessionId
  Assert-That ($session -ne 0) 'it runs in session 0'
  Assert-That ([Native]::IsInSomeJob((Get-Process -Id $identity.Pid).Handle)) 'it is in no job'
  Remove-Workloads
  Assert-That (-not (Test-Pid $identity.Pid)) 'it is left after its deletion'
  Manual "ran as the user of session $session and was stopped. By hand: Notepad shows its window there; with nobody logged on: AccountNotFound"
}

Row 'A13' 'restrictions' {
  $file = New-SharedPath 'low.txt'
  Start-Workload 'low' (New-ProbeSpec @('write', $file) @{ runAs = @{ integrityLevel = 'Low' }; restartPolicy = 'Never' }) -NoWait
  Wait-Log 'low-0' 'refused Unauthorized' | Out-Null
  Assert-That (-not (Test-Path -LiteralPath $file)) 'Low wrote where Everyone may'
  Start-Workload 'medium' (New-ProbeSpec @('write', $file) @{ restartPolicy = 'Never' }) -NoWait
  Wait-Log 'medium-0' 'written' | Out-Null
  foreach ($runAs in @{ integrityLevel = 'Low' }, @{ writeRestricted = $true }) {
    $kind = ($runAs.Keys | Select-Object -First 1).ToLowerInvariant()
    Start-Workload "own-$kind" (New-ProbeSpec @('write', 'here.txt') @{ runAs = $runAs; restartPolicy = 'Never' }) -NoWait
    Wait-Log "own-$kind-0" 'written' | Out-Null
  }
  Manual 'Low may not write where Everyone may, and both write to their own folder. By hand: denyOnlyGroups with an administrator; whoami /groups shows deny only'
}

Row 'A14' 'mitigations' {
  Start-Workload 'childless' (New-ProbeSpec @('spawn') @{ runAs = @{ mitigations = @('NoChildProcess') } })
  Assert-That ((Wait-Log 'childless-0' 'spawn \w+ \d+') -match 'spawn error (5|367)') "it was not refused: $(Get-Log 'childless-0')"
  Start-Workload 'parent' (New-ProbeSpec @('spawn'))
  Assert-That ((Wait-Log 'parent-0' 'spawn \w+ \d+') -match 'spawn pid') "without it: $(Get-Log 'parent-0')"
  Manual 'no child is started; without it one is. By hand: each other mitigation, with Get-ProcessMitigation -Id PID, which shows it as on'
}

Row 'A15' 'many logons' {
  Set-UserSecret 'right' $UserPassword
  Invoke-Checked $Program @('service', 'grant-logon', ".\$User") | Out-Null
  $count = if ($Long) { 300 } else { 20 }
  Start-Workload 'many' (New-ProbeSpec @('sleep') (@{ replicas = $count } + (New-UserRunAs 'right'))) -NoWait
  Wait-Until 'all run' 900 { @(Get-Instances 'many' | Where-Object { (Get-Field $_ 'status.ready') -eq $true }).Count -eq $count } | Out-Null
  if ($Long) { Pass "$count run" } else { Manual "$count run. The 300: -Long" }
}

Row 'A16' 'keepPrivileges, removePrivileges' {
  $kept = Get-WorkloadIdentity 'kept' @{ runAs = @{ account = 'LocalService'; keepPrivileges = @('SeImpersonatePrivilege') } }
  Assert-Equal $kept.Privileges 'SeChangeNotifyPrivilege SeImpersonatePrivilege' 'privileges with keepPrivileges'
  $all = Get-WorkloadIdentity 'all' @{ runAs = @{ account = 'LocalService'; removePrivileges = @() } }
  Assert-That (@($all.Privileges -split ' ').Count -gt 2) "privileges with an empty removePrivileges: $($all.Privileges)"
  Pass "kept: $($kept.Privileges); all: $($all.Privileges)"
}

Row 'A17' 'probes' {
  $file = New-SharedPath 'probe.txt'
  $command = @((Join-Path $System32 'cmd.exe'), '/d', '/c', "whoami /user /priv > `"$file`"")
  Start-Workload 'probed' (New-ProbeSpec @('sleep') @{ livenessProbe = @{ exec = @{ command = $command }; periodSeconds = 1; timeoutSeconds = 20 } })
  foreach ($daemon in 'first', 'second') {
    $text = Wait-File $file 'S-1-5-107-' 60
    Assert-Equal (@([regex]::Matches($text, 'Se\w+Privilege') | ForEach-Object { $_.Value } | Sort-Object -Unique) -join ' ') 'SeChangeNotifyPrivilege' "privileges under the $daemon daemon"
    if ($daemon -eq 'second') { break }
    Stop-Process -Id (Get-ServicePid) -Force
    Wait-Until 'the service is back' 60 { (Invoke-Wctl @('get', 'nodes')).Code -eq 0 } | Out-Null
    Remove-Item -LiteralPath $file -ErrorAction SilentlyContinue
  }
  Pass 'the account of the Process without privileges, before and after a restart of the daemon'
}

Row 'A18' 'stopping other accounts' {
  foreach ($account in 'LocalService', 'NetworkService') {
    Start-Workload 'asked' (New-ProbeSpec @('ctrl', (New-SharedPath 'ctrl.txt')) @{ runAs = @{ account = $account }; stop = @{ signal = 'CtrlC'; gracePeriodSeconds = 10 } })
    $id = Wait-InstancePid 'asked-0'
    Remove-Workloads
    Assert-That (-not (Test-Pid $id)) "it is left under $account"
    $stopped = @(Get-EventsOf 'asked-0' | Where-Object { $_.reason -eq 'Stopped' } | Select-Object -Last 1)
    Assert-That ("$($stopped.message)" -match 'on its stop signal') "${account}: $($stopped.message)"
  }
  Manual 'Ctrl-C reached both. By hand: the same with a user and with the user of a session, and stop.signal: Event'
}

Row 'A19' 'adoption of other accounts' {
  Start-Workload 'adopted' (New-ProbeSpec @('sleep') @{ runAs = @{ account = 'NetworkService' } })
  $id = Wait-InstancePid 'adopted-0'
  Stop-Process -Id (Get-ServicePid) -Force
  Wait-Until 'the service is back' 60 { (Invoke-Wctl @('get', 'nodes')).Code -eq 0 } | Out-Null
  Assert-Equal (Wait-InstancePid 'adopted-0') $id 'pid'
  Assert-That (@(Get-EventsOf 'adopted-0' | Where-Object { $_.reason -eq 'Adopted' }).Count -gt 0) 'nothing says that it was adopted'
  Manual 'adopted with the same pid. By hand: the same with a user and with the user of a session'
}

Row 'A20' 'a junction in the folder''s place' {
  Manual 'a workload removes what is in its work folder and makes the folder itself into a junction to a folder of yours (mklink /j), then is restarted: AccessDenied, and icacls of the target is unchanged'
}

Row 'A21' 'foreground, ordinary user' {
  $data = Join-Path $Shared 'data-user'
  Manual "as the ordinary user, without elevation: wctl.exe daemon --data-dir $data --listen 127.0.0.1:0; a workload runs as that user with SeChangeNotifyPrivilege alone, exec probes too, also after the daemon was killed and started again"
}

Row 'A22' 'missing privileges' {
  Invoke-Checked (Join-Path $System32 'sc.exe') @('privs', $Tag, 'SeChangeNotifyPrivilege/SeTcbPrivilege/SeIncreaseQuotaPrivilege') | Out-Null
  try {
    Invoke-ServiceChecked 'restart' | Out-Null
    Start-Workload 'powerless' (New-ProbeSpec @('sleep')) -NoWait
    $why = Wait-Refused 'powerless-0'
  } finally {
    Invoke-ServiceChecked 'install' | Out-Null
    Invoke-ServiceChecked 'restart' | Out-Null
  }
  Assert-That ($why.message -match 'SeAssignPrimaryTokenPrivilege') "the refusal does not name it: $($why.message)"
  Assert-That ((Read-Shared (Join-Path $DataDir 'wctld.log')) -match 'SeAssignPrimaryTokenPrivilege') 'wctld.log does not name it'
  Wait-InstancePid 'powerless-0' 0 400 | Out-Null
  Pass $why.message
}

Row 'A23' 'a domain that does not answer' {
  Manual 'on a member of a domain: a workload of a domain user, the network unplugged, then the workload restarted; other workloads start and stop meanwhile; the start fails with LogonFailed (1311) or runs with cached credentials'
}

Row 'A24' 'the working folder' {
  Start-Workload 'work' (New-ProbeSpec @('sleep'))
  $acl = Get-Acl -LiteralPath (Join-Path (Get-HomePath 'work-0') 'work')
  Assert-That $acl.AreAccessRulesProtected 'something is inherited'
  $sids = @($acl.GetAccessRules($true, $true, [System.Security.Principal.SecurityIdentifier]) | ForEach-Object { $_.IdentityReference.Value } | Sort-Object -Unique)
  $alien = @($sids | Where-Object { @('S-1-5-18', 'S-1-5-32-544') -notcontains $_ })
  Assert-That ($alien.Count -eq 1 -and $alien[0] -match $OwnAccount) "who has rights: $($sids -join ' ')"
  Start-Workload 'writes' (New-ProbeSpec @('write', 'here.txt') @{ restartPolicy = 'Never' }) -NoWait
  Wait-Log 'writes-0' 'written' | Out-Null
  Pass 'the workload''s account may write there, and nobody else but SYSTEM and Administrators'
}

Row 'A25' 'environment of the account' {
  Start-Workload 'envs' (New-ProbeSpec @('env') @{ runAs = @{ account = 'NT AUTHORITY\NetworkService' }; restartPolicy = 'Never' }) -NoWait
  Wait-Ended 'envs-0' | Out-Null
  $text = Get-Log 'envs-0'
  Assert-That ($text -match '(?m)^USERPROFILE=.*NetworkService\r?$') "USERPROFILE is not NetworkService's"
  Assert-That ($text -notmatch 'systemprofile') 'something of LocalSystem is in it'
  Pass ([regex]::Match($text, '(?m)^USERPROFILE=.*$').Value)
}

Row 'A26' 'the folders above its own' {
  Start-Workload 'realpath' @{ command = "$env:ProgramFiles\nodejs\node.exe"; args = @('-e', "try { require('fs').realpathSync('.'); console.log('open') } catch (e) { console.log(e.code) } setInterval(() => {}, 1e6)") }
  Wait-Until 'it has said something' 30 { (Invoke-Wctl @('logs', 'process/realpath')).Out -match '\S' } | Out-Null
  $said = (Invoke-Wctl @('logs', 'process/realpath')).Out.Trim()
  Assert-Equal $said 'open' 'what realpath said in the folder of its own'
  Pass $said
}

Row 'A27' 'a home that gets another account' {
  $keeps = @{ stateRetentionPolicy = @{ whenDeleted = 'Retain' }; restartPolicy = 'Never' }
  Start-Workload 'heir' (New-ProbeSpec @('write', 'here.txt') $keeps) -NoWait
  Wait-Log 'heir-0' 'written' | Out-Null
  $former = Get-Field (Get-Instance 'heir-0') 'metadata.ownerReferences'
  Invoke-WctlChecked @('delete', 'process', 'heir', '--timeout', '60s') 70 | Out-Null
  Start-Workload 'heir' @{ command = (Join-Path $System32 'cmd.exe'); args = @('/d', '/c', 'type here.txt && echo more>> here.txt && echo taken up'); stateRetentionPolicy = @{ whenDeleted = 'Retain' }; restartPolicy = 'Never' } -NoWait
  Wait-Log 'heir-0' 'taken up' | Out-Null
  $acl = Get-Acl -LiteralPath (Join-Path (Get-HomePath 'heir-0') 'work\here.txt')
  $who = @($acl.GetAccessRules($true, $true, [System.Security.Principal.SecurityIdentifier]) | ForEach-Object { $_.IdentityReference.Value } | Sort-Object -Unique)
  $accounts = @($who | Where-Object { $_ -match $OwnAccount })
  Assert-Equal $accounts.Count 1 "accounts of Processes that have rights: $($who -join ' ')"
  Assert-That ($who -contains 'S-1-3-4') 'the former owner may change the access list (no OWNER RIGHTS)'
  Manual "the account of the second process alone ($accounts; the first was $($former[0].uid)). By hand: the same after a junction and a hard link to files of yours were planted in the folder; the access lists of those are unchanged"
}

Row 'A28' 'a write-restricted copy and its own files' {
  $spec = New-ProbeSpec @('write', 'here.txt') @{ runAs = @{ writeRestricted = $true }; restartPolicy = 'Never' }
  Start-Workload 'strict' $spec -NoWait
  Wait-Log 'strict-0' 'written' | Out-Null
  Invoke-WctlChecked @('rollout', 'restart', 'process/strict') | Out-Null
  Wait-Until 'it has written again' 60 { (Invoke-Wctl @('logs', 'strict-0')).Out -match 'written' -and (Get-HomePath 'strict-0') -and (Test-Path -LiteralPath (Join-Path (Get-HomePath 'strict-0') 'logs\2.out')) } | Out-Null
  Pass 'the next Instance of the copy wrote into the file of the one before'
}

# ------------------------------------------------------------------------------------------------------------------------ security

Row 'V1' 'the service''s own controls' {
  $sc = Join-Path $System32 'sc.exe'
  foreach ($words in @('control', $Tag, '128'), @('stop', $Tag)) {
    $asked = Invoke-AsUser $sc $words
    Assert-Equal $asked.Code 5 "sc $($words -join ' '): $($asked.Out)"
  }
  Assert-Equal ((Invoke-Service 'status').Code) 0 'the service afterwards: status'
  $list = (Invoke-Program $sc @('sdshow', $Tag)).Out.Trim()
  $holders = @([regex]::Matches($list, '\(A;[^;]*;([A-Z]+);;;([^)]+)\)') | Where-Object { $_.Groups[1].Value -match '^(..)*CR' } | ForEach-Object { $_.Groups[2].Value })
  Assert-Equal (($holders | Sort-Object) -join ' ') 'BA SY' $list
  Pass $list
}

# Whom an access list names, without the two that always may.
function Get-Others([string] $Path) {
  $known = 'S-1-5-18', 'S-1-5-32-544'
  @((Get-Acl -LiteralPath $Path).GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier]) | ForEach-Object { $_.IdentityReference.Value } | Where-Object { $known -notcontains $_ })
}

Row 'V2' 'folders that others can write' {
  $open = "C:\$Tag-open"
  New-Item -ItemType Directory -Path $open | Out-Null
  try {
    Write-Text (Join-Path $open 'wctl.yaml') 'logLevel: debug'
    foreach ($flag in @('--manifests', $open), @('--config', (Join-Path $open 'wctl.yaml'))) {
      $made = Install-Throwaway 'open' (@('--data-dir', (Join-Path $Root 'data-open'), '--listen', '127.0.0.1:0') + $flag)
      Assert-That ($made.Code -ne 0 -and $made.Err -match 'Users') "$($flag -join ' '): $($made.Err)"
    }
  } finally { Remove-Item -LiteralPath $open -Recurse -Force }
  $data = Join-Path $Root 'data-orders'
  $folder = Join-Path $data 'manifests'
  $made = Install-Throwaway 'orders' @('--data-dir', $data, '--listen', '127.0.0.1:0', '--manifests', $folder)
  Assert-Equal $made.Code 0 $made.Err
  Assert-Equal ((Get-Others $folder) -join ' ') '' 'who else may use the folder'
  Pass 'refused, and made for SYSTEM and Administrators'
}

Row 'V3' 'the data directory of a daemon in the foreground' {
  $data = Join-Path $env:ProgramData "$Tag-v3"
  $process = Start-Process -FilePath $Program -ArgumentList (Join-Arguments @('daemon', '--data-dir', $data, '--listen', '127.0.0.1:0')) -PassThru -WindowStyle Hidden
  try {
    $kubeconfig = Join-Path $data 'admin.kubeconfig'
    for ($look = 0; $look -lt 300 -and -not (Test-Path -LiteralPath $kubeconfig); $look++) { Start-Sleep -Milliseconds 100 }
    Assert-Equal ((Get-Others $data) -join ' ') '' 'who else may use the folder'
    $read = Invoke-AsUser (Join-Path $System32 'cmd.exe') @('/d', '/c', "type $kubeconfig")
    Assert-That ($read.Code -ne 0 -and $read.Out -notmatch 'apiVersion') "the user read: $($read.Out)"
  } finally {
    $process | Stop-Process -Force
    $process.WaitForExit()
    Remove-Item -LiteralPath $data -Recurse -Force
  }
  Pass 'SYSTEM and Administrators alone'
}

Row 'V4' 'accounts of two Processes' {
  $web = Get-WorkloadIdentity 'ownweb' @{}
  $db = Get-WorkloadIdentity 'owndb' @{}
  foreach ($one in $web, $db) { Assert-That ($one.Sid -match $OwnAccount) "account: $($one.Sid)" }
  Assert-That ($web.Sid -ne $db.Sid) 'both are one person'
  Stop-Process -Id (Get-ServicePid) -Force
  Wait-Until 'the service is back' 60 { (Invoke-Wctl @('get', 'nodes')).Code -eq 0 } | Out-Null
  Invoke-WctlChecked @('delete', 'instance', 'ownweb-0') | Out-Null
  Wait-Until 'a new copy runs' 60 { (Wait-InstancePid 'ownweb-0' 0 400) -ne $web.Pid } | Out-Null
  Assert-Equal ([Native]::UserSid((Wait-InstancePid 'ownweb-0'))) $web.Sid 'the account of the next copy, under the next daemon'
  $name = (New-Object System.Security.Principal.SecurityIdentifier($web.Sid)).Translate([System.Security.Principal.NTAccount]).Value
  Assert-That ($name -match '^WCTL APP\\') "its name: $name"
  Invoke-WctlChecked @('delete', 'process', 'ownweb', 'owndb') | Out-Null
  $export = Join-Path $Root 'rights.inf'
  Invoke-Checked (Join-Path $System32 'secedit.exe') @('/export', '/areas', 'USER_RIGHTS', '/cfg', $export) | Out-Null
  $left = @([regex]::Matches([System.IO.File]::ReadAllText($export), 'S-1-5-107[-\d]*') | ForEach-Object { $_.Value } | Where-Object { $_ -eq $web.Sid -or $_ -eq $db.Sid })
  Assert-Equal ($left -join ' ') '' 'rights of accounts whose Process is gone'
  Pass "$name and another; the same after a restart; no right is left"
}

Row 'V5' 'privileges are not to be had back' {
  Manual 'FullPowers.exe (github.com/itm4n/FullPowers) as the command of a workload without runAs, and Register-ScheduledTask with a principal of its own account: no privilege but SeChangeNotifyPrivilege, and no task that runs; the same with runAs LocalService shows why that is no boundary'
}

Row 'V6' 'one workload against another' {
  Manual 'from a workload of one Process (PowerShell): OpenProcess with all access on a workload of another, and writing into its work folder: error 5 both times; hooks and messages do not reach its windows'
}

Row 'V7' 'what probes print' {
  $command = @((Join-Path $System32 'cmd.exe'), '/d', '/c', 'echo alive')
  Start-Workload 'printing' (New-ProbeSpec @('sleep') @{ livenessProbe = @{ exec = @{ command = $command }; periodSeconds = 1; timeoutSeconds = 20 } })
  $id = Wait-InstancePid 'printing-0'
  $handles = (Get-Process -Id (Get-ServicePid)).HandleCount
  $names = @()
  for ($look = 0; $look -lt 300; $look++) { $names += @([System.IO.Directory]::GetFiles('\\.\pipe\') | Where-Object { $_ -match 'wctl' -and $_ -notmatch 'ProtectedPrefix' }); Start-Sleep -Milliseconds 100 }
  Assert-Equal ($names -join ' ') '' 'pipes that have a name of ours'
  Assert-Equal (Wait-InstancePid 'printing-0') $id 'the workload was restarted: its pid'
  $grown = (Get-Process -Id (Get-ServicePid)).HandleCount - $handles
  Assert-That ($grown -lt 50) "$grown handles more after 30 probes"
  Pass "no name, $grown handles more"
}

Row 'V8' 'a kubeconfig that somebody planted' {
  $folder = Join-Path $env:ProgramData 'wctl'
  if (Test-Path -LiteralPath $folder) { Skip-Row "$folder is there: not touched" }
  $listed = [Environment]::GetEnvironmentVariable('KUBECONFIG')
  [Environment]::SetEnvironmentVariable('KUBECONFIG', $null)
  try {
    Invoke-AsUser (Join-Path $System32 'cmd.exe') @('/d', '/c', "mkdir $folder") | Out-Null
    $text = '{"apiVersion":"v1","kind":"Config","clusters":[{"name":"x","cluster":{"server":"https://127.0.0.1:9"}}],"users":[{"name":"x","user":{}}],"contexts":[{"name":"x","context":{"cluster":"x","user":"x"}}],"current-context":"x"}'
    Write-Text (Join-Path $Shared 'planted.json') $text
    Invoke-AsUser (Join-Path $System32 'cmd.exe') @('/d', '/c', "copy $(Join-Path $Shared 'planted.json') $folder\admin.kubeconfig") | Out-Null
    $asked = Invoke-Program $Program @('get', 'processes')
    Assert-That ($asked.Code -ne 0 -and $asked.Err -match 'another user could have written it') "it said: $($asked.Err)"
  } finally {
    [Environment]::SetEnvironmentVariable('KUBECONFIG', $listed)
    if (Test-Path -LiteralPath $folder) { Remove-Item -LiteralPath $folder -Recurse -Force }
  }
  Pass 'refused'
}

Row 'V9' 'a stranger at a declared port' {
  $spec = New-ProbeSpec @('sleep') @{ ports = @(@{ name = 'http'; port = 18099 }); readinessProbe = @{ tcpSocket = @{ port = 'http' }; periodSeconds = 1 } }
  Start-Workload 'portless' $spec -NoWait
  $id = Wait-InstancePid 'portless-0'
  $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 18099)
  $listener.Start()
  try {
    [void] (Wait-Until 'an event that names this process' 60 { (Invoke-WctlChecked @('events', '--for', 'instance/portless-0')) -match "18099 is answered by pid $PID \(" })
    Stop-Process -Id $id -Force
    [void] (Wait-Until 'a start that waits' 60 { (Get-Field (Get-Instance 'portless-0') 'status.state.waiting.message') -match "18099\) is in use by pid $PID" })
  } finally {
    $listener.Stop()
  }
  Pass "named as pid $PID"
}

Row 'V10' 'files of a Secret' {
  $secret = @{ apiVersion = 'v1'; kind = 'Secret'; metadata = @{ name = 'filed' }; stringData = @{ token = 'x' } }
  Assert-Equal (Invoke-Apply $secret).Code 0 'apply of the Secret'
  $file = @{ path = 'conf\token'; secretRef = @{ name = 'filed'; key = 'token' } }
  Start-Workload 'filed' (New-ProbeSpec @('sleep') @{ files = @($file) })
  $owner = (Get-Instance 'filed-0').metadata.ownerReferences[0].uid
  $folder = Join-Path $DataDir "homes\$owner\0\work\conf"
  $acl = Get-Acl -LiteralPath (Join-Path $folder 'token')
  Assert-That $acl.AreAccessRulesProtected 'something is inherited'
  $sids = @($acl.GetAccessRules($true, $true, [System.Security.Principal.SecurityIdentifier]) | ForEach-Object { $_.IdentityReference.Value } | Sort-Object -Unique)
  $alien = @($sids | Where-Object { @('S-1-5-18', 'S-1-5-32-544', 'S-1-3-4') -notcontains $_ })
  Assert-That ($alien.Count -eq 1) "who has rights: $($sids -join ' ')"
  Invoke-WctlChecked @('stop', 'process/filed') | Out-Null
  $other = New-SharedPath 'elsewhere'
  New-Item -ItemType Directory -Path $other -Force | Out-Null
  Remove-Tree $folder
  New-Item -ItemType Junction -Path $folder -Target $other | Out-Null
  Invoke-WctlChecked @('start', 'process/filed', '--wait=false') | Out-Null
  $said = Wait-Until 'a start that is refused' 60 { $now = Get-Field (Get-Instance 'filed-0') 'status.state.waiting.message'; if ($now -match 'conf is a link') { $now } }
  Assert-That (@(Get-ChildItem -LiteralPath $other).Count -eq 0) 'something was written through the junction'
  Pass $said
}

Row 'V11' 'a file of variables' {
  $file = New-SharedPath 'app.env'
  Write-Text $file 'COLOUR=blue'
  $icacls = Join-Path $System32 'icacls.exe'
  Invoke-Program $icacls @($file, '/inheritance:r', '/grant', '*S-1-5-18:F', '/grant', '*S-1-5-32-544:F') 30 $env:TEMP | Out-Null
  Start-Workload 'envfiled' (New-ProbeSpec @('env') @{ envFile = @(@{ path = $file }); restartPolicy = 'Always' }) -NoWait
  $said = Wait-Until 'a start that is refused' 60 { $now = Get-Field (Get-Instance 'envfiled-0') 'status.state.waiting.message'; if ($now -match "can't be read") { $now } }
  Invoke-Program $icacls @($file, '/grant', '*S-1-1-0:R') 30 $env:TEMP | Out-Null
  [void] (Wait-Until 'its variables' 120 { (Invoke-Wctl @('logs', 'process/envfiled')).Out -match 'COLOUR=blue' })
  Pass $said
}

Row 'V12' 'new files for a program that runs' {
  $map = @{ apiVersion = 'v1'; kind = 'ConfigMap'; metadata = @{ name = 'told' }; data = @{ 'app.conf' = 'red' } }
  Assert-Equal (Invoke-Apply $map).Code 0 'apply of the ConfigMap'
  $file = @{ path = 'conf\app.conf'; configMapRef = @{ name = 'told'; key = 'app.conf' } }
  $command = @((Join-Path $System32 'cmd.exe'), '/d', '/c', 'copy conf\app.conf conf\seen.conf')
  Start-Workload 'told' (New-ProbeSpec @('sleep') @{ files = @($file); configChange = @{ action = 'Exec'; exec = @{ command = $command } } })
  $workload = Wait-InstancePid 'told-0'
  $owner = (Get-Instance 'told-0').metadata.ownerReferences[0].uid
  $folder = Join-Path $DataDir "homes\$owner\0\work\conf"
  $map.data['app.conf'] = 'green'
  Assert-Equal (Invoke-Apply $map).Code 0 'apply of the changed ConfigMap'
  $seen = Join-Path $folder 'seen.conf'
  [void] (Wait-Until 'the command' 60 { (Test-Path -LiteralPath $seen) -and (Read-Text $seen) -eq 'green' })
  $held = [System.IO.File]::Open((Join-Path $folder 'app.conf'), 'Open', 'Read', 'None')
  try {
    $map.data['app.conf'] = 'blue'
    Assert-Equal (Invoke-Apply $map).Code 0 'apply while the file is held open'
    $said = Wait-Until 'a file that cannot be written' 60 { $now = (Invoke-Wctl @('why', 'instance/told-0')).Out; if ($now -match 'held open') { $now } }
  } finally {
    $held.Dispose()
  }
  [void] (Wait-Until 'the next try' 120 { (Read-Text $seen) -eq 'blue' })
  Assert-Equal (Wait-InstancePid 'told-0') $workload 'pid'
  Pass $said
}

Row 'V13' 'the local door' {
  $id = (Read-Text (Join-Path $DataDir 'data-id')).Trim()
  $prefix = 'ProtectedPrefix\Administrators\wctl'
  $cmd = Join-Path $System32 'cmd.exe'
  $powershell = Join-Path $System32 'WindowsPowerShell\v1.0\powershell.exe'
  $read = Invoke-AsUser $cmd @('/d', '/c', "type \\.\pipe\$prefix\$id")
  Assert-That ($read.Code -ne 0) "an ordinary user read: $($read.Out)"
  $written = Invoke-AsUser $cmd @('/d', '/c', "echo x> \\.\pipe\$prefix\$id")
  Assert-That ($written.Code -ne 0) "an ordinary user wrote: $($written.Out)"
  $made = Invoke-AsUser $powershell @('-NoProfile', '-Command', "New-Object System.IO.Pipes.NamedPipeServerStream '$prefix\stranger' -ErrorAction Stop")
  Assert-That ($made.Code -ne 0) "an ordinary user made a pipe: $($made.Out)"
  $pipe = New-Object System.IO.Pipes.NamedPipeClientStream('.', "$prefix\$id", [System.IO.Pipes.PipeDirection]::InOut)
  try {
    $pipe.Connect(5000)
    $list = $pipe.GetAccessControl().GetSecurityDescriptorSddlForm('Access')
  } finally {
    $pipe.Dispose()
  }
  Assert-Equal $list 'D:P(D;;FA;;;NU)(A;;FA;;;SY)(A;;FA;;;BA)' 'access list of the door'
  Pass $list
}

Row 'V14' 'a door that is taken, and one from elsewhere' {
  Manual "make a pipe of the door's name as administrator, start the service: its log says that the local door is not open; from another machine, as its administrator, \\MACHINE\pipe\ProtectedPrefix\Administrators\wctl\ID is denied"
}

# ------------------------------------------------------------------------------------------------------------------------- figures

Row 'K1' 'keys are bound to the machine' {
  $kept = Read-Text (Join-Path $DataDir 'secrets.key')
  Assert-That ($kept -match '"protection": "DPAPI"') 'secrets.key is not protected by DPAPI'
  Manual "copy $DataDir to another Windows, run 'wctl data take-over --data-dir' and 'wctl daemon --data-dir' on the copy as administrator: degraded, StoreUnreadable, protected on another machine"
}

Row 'K2' 'keys are kept from users' {
  $seen = Invoke-AsUser "$env:SystemRoot\System32\cmd.exe" @('/d', '/c', 'type', (Join-Path $DataDir 'secrets.key'))
  Assert-That ($seen.Code -ne 0) "an ordinary user read: $($seen.Out)"
  Pass $seen.Out.Trim()
}

Row 'K3' 'a new key' {
  $value = [guid]::NewGuid().ToString('N')
  Invoke-Apply @{ apiVersion = 'v1'; kind = 'Secret'; metadata = @{ name = 'acceptance-key' }; stringData = @{ token = $value } } | Out-Null
  Start-Workload 'keyed' (New-ProbeSpec @('sleep') @{ env = @(@{ name = 'TOKEN'; valueFrom = @{ secretKeyRef = @{ name = 'acceptance-key'; key = 'token' } } }) })
  $before = Wait-InstancePid 'keyed-0'
  $said = Invoke-WctlChecked @('secrets', 'rotate-key')
  Assert-That ($said -match 'key of the secrets rotated: [0-9a-f]{16} writes now') "it said: $said"
  Assert-Equal (Get-InstancePid 'keyed-0') $before 'pid of the workload'
  $encoded = [Convert]::ToBase64String([System.Text.Encoding]::UTF8.GetBytes($value)).Substring(0, 40)
  foreach ($file in Get-ChildItem -LiteralPath $DataDir -Recurse | Where-Object { -not $_.PSIsContainer }) {
    $content = Read-Shared $file.FullName
    Assert-That (-not ($content.Contains($value) -or $content.Contains($encoded))) "the value is in $($file.FullName)"
  }
  Pass $said.Trim()
}

Row 'K4' 'backup, restore, and a copy' {
  $folder = Join-Path $env:ProgramData ('wctl-acceptance-' + [guid]::NewGuid().ToString('N').Substring(0, 8))
  $file = "$folder.backup"
  try {
    Invoke-WctlChecked @('backup', $file) | Out-Null
    Invoke-WctlChecked @('restore', $file, '--data-dir', $folder) | Out-Null
    Assert-That ((Read-Text (Join-Path $folder 'secrets.key')) -match '"protection": "DPAPI"') 'the restored secrets.key is not protected by DPAPI'
    Assert-Equal (Get-Acl -LiteralPath $folder).Sddl (Get-Acl -LiteralPath $DataDir).Sddl 'access list of the restored folder'
    Copy-Item -LiteralPath $folder -Destination "$folder-copy" -Recurse
    (Get-Item -LiteralPath "$folder-copy").SetAccessControl((Get-Acl -LiteralPath $DataDir))
    $refused = Invoke-Program $Program @('daemon', '--data-dir', "$folder-copy", '--listen', '127.0.0.1:0') 120
    Assert-Equal $refused.Code 1 'exit code of a daemon on the copy'
    Assert-That ((Read-Text (Join-Path $folder 'origin.json')) -match '"machine"') 'origin.json does not name the machine'
    Assert-That ($refused.Err -match 'is a copy' -and $refused.Err -match 'data take-over' -and $refused.Err -match 'data renew') $refused.Err
  } finally {
    Remove-Item -LiteralPath $file, $folder, "$folder-copy" -Recurse -Force -ErrorAction SilentlyContinue
  }
  Manual "the copy was refused. By hand: clone the machine with sysprep /generalize; wctl daemon on its data directory says that its daemon ran on another machine"
}

Row '29' 'metrics of 500 processes from one NtQuerySystemInformation' {
  $count = if ($Long) { 500 } else { 25 }
  Start-Workload 'metrics' (New-ProbeSpec @('sleep') @{ replicas = $count }) -NoWait
  Wait-Until 'all run' 600 { @(Get-Instances 'metrics' | Where-Object { (Get-Field $_ 'status.ready') -eq $true }).Count -eq $count } | Out-Null
  Start-Sleep -Seconds 20
  $rows = @((Invoke-WctlChecked @('top', 'instances')).Trim().Split("`n") | Select-Object -Skip 1)
  Assert-Equal $rows.Count $count 'rows of wctl top'
  $differ = 0
  foreach ($row in $rows) {
    $id = Get-InstancePid ($row -split '\s+')[0]
    $process = Get-Process -Id $id
    $handles = [int] ([regex]::Match($row, '\s(\d+)\s+(\d+)\s*$').Groups[1].Value)
    if ([math]::Abs($handles - $process.HandleCount) -gt 10) { $differ++ }
  }
  Assert-That ($differ -le $count / 20) "$differ of $count differ from Get-Process by more than 10 handles"
  Manual "handles of $count processes equal those of Get-Process. By hand: CPU and memory of some beside Task Manager; how long the call takes: npm run bench"
}

Row '30' 'crash to restart, cold start of 200, beside nssm' {
  if ($Nssm -eq '') { Skip-Row 'no nssm.exe was given: -Nssm' }
  $name = "$Tag-nssm"
  Invoke-Checked $Nssm @('install', $name, $Probe, 'sleep') | Out-Null
  try {
    Invoke-Checked $Nssm @('set', $name, 'AppRestartDelay', '0') | Out-Null
    Invoke-Checked $Nssm @('set', $name, 'AppThrottle', '0') | Out-Null
    Invoke-Checked $Nssm @('start', $name) | Out-Null
    Start-Workload 'beside' (New-ProbeSpec @('sleep') @{ backoff = @{ initialSeconds = 0; factor = 1; maxSeconds = 0 } })
    $theirs = @(Measure-Restarts {
        Get-CimInstance Win32_Process -Filter "ParentProcessId=$(Get-ServicePid $name) and Name='probe.exe'" | Select-Object -First 1 -ExpandProperty ProcessId
      })
    $ours = @(Measure-Restarts { Get-InstancePid 'beside-0' })
  } finally {
    Invoke-Program $Nssm @('stop', $name) | Out-Null
    Invoke-Program $Nssm @('remove', $name, 'confirm') | Out-Null
  }
  $ratio = (Get-Median $ours) / (Get-Median $theirs)
  Assert-That ($ratio -le 0.7) "crash to restart takes $([math]::Round($ratio, 2)) of nssm's"
  Manual "crash to restart: $([math]::Round((Get-Median $ours))) ms, nssm $([math]::Round((Get-Median $theirs))) ms. The cold start of 200 beside nssm: npm run bench"
}

# Milliseconds from the kill of a process to the start of its successor, 20 times.
function Measure-Restarts([scriptblock] $CurrentPid) {
  foreach ($round in 1..20) {
    $before = Wait-Until 'it runs' 60 { $now = [int] (& $CurrentPid); if (Test-Pid $now) { $now } }
    Start-Sleep -Seconds 1
    $killedAt = Get-Date
    Stop-Process -Id $before -Force
    $next = Wait-Until 'its successor runs' 60 { $now = [int] (& $CurrentPid); if ($now -ne $before -and (Test-Pid $now)) { $now } }
    ((Get-Process -Id $next).StartTime - $killedAt).TotalMilliseconds
  }
}

Row '31' 'working set of the daemon; start of wctl.exe get' {
  $workingSet = (Get-Process -Id (Get-ServicePid)).WorkingSet64 / $MiB
  $times = foreach ($n in 1..11) { (Measure-Command { Invoke-WctlChecked @('get', 'processes') }).TotalSeconds }
  $start = Get-Median $times
  $seen = "$([math]::Round($workingSet)) MB, $([math]::Round($start, 2)) s"
  Assert-That ($workingSet -lt 128) "working set: $seen"
  Assert-That ($start -lt 0.9) "start: $seen"
  Pass $seen
}

# ---------------------------------------------------------------------------------------------------------------- the project itself

# What npm run SCRIPT prints, of the checkout that this script lies in.
function Invoke-Npm([string] $Script, [int] $Seconds) {
  $node = Get-Command 'node.exe' -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
  if ($null -eq $node) { Skip-Row 'there is no node.exe on the PATH' }
  $project = Split-Path $PSScriptRoot
  Invoke-Program $node.Source @('scripts\run.mjs', "scripts\$Script.ts") $Seconds $project
}

Row 'D1' 'npm run demo' {
  $ran = Invoke-Npm 'demo' 600
  Assert-Equal $ran.Code 0 "exit code ($($ran.Out)$($ran.Err))"
  Assert-That ($ran.Out -match 'That was wctl\.') "it did not come to its end: $($ran.Out)"
  $left = @(Get-CimInstance Win32_Process -Filter "Name='node.exe'" | Where-Object { "$($_.CommandLine)" -match 'WCTL_INSTANCE_INDEX|tick ' })
  Assert-Equal $left.Count 0 'processes left'
  Pass 'it told the whole story and left nothing'
}

Row 'D2' 'npm test' {
  if (-not $Long) { Skip-Row 'a quarter of an hour: -Long, or npm test by hand' }
  $ran = Invoke-Npm 'test' 3600
  $last = $ran.Out.Trim().Split("`n")[-1]
  Assert-That ($ran.Code -eq 0 -and $last -match '^\d+ passed, 0 failed$') "$last (exit code $($ran.Code))"
  Pass $last
}

Row 'D3' 'logs.encoding OEM' {
  $umlaut = [string] [char] 0xFC
  $codePage = (Get-ItemProperty -LiteralPath 'HKLM:\SYSTEM\CurrentControlSet\Control\Nls\CodePage').OEMCP
  if (@('437', '850', '852', '857', '858', '65001') -notcontains $codePage) { Skip-Row "the OEM code page of this Windows, $codePage, has no u umlaut" }
  $spec = @{ command = (Join-Path $System32 'cmd.exe'); args = @('/d', '/c', "echo $umlaut"); restartPolicy = 'Never'; logs = @{ encoding = 'OEM' } }
  Start-Workload 'umlaut' $spec -NoWait
  Wait-Ended 'umlaut-0' | Out-Null
  Assert-Equal ((Get-Log 'umlaut-0').Trim()) $umlaut "what was written in code page $codePage"
  Manual "read as UTF-8 from code page $codePage. By hand: wctl logs prints it right in a console and in a PowerShell window"
}

Row 'D4' 'a full disk' {
  Manual 'wctl daemon --data-dir on a small NTFS volume (a VHD), one workload running; fill the volume and wctl apply something: 503 that says the disk is full, wctl get processes warns that what is shown may be out of date, the workload goes on; of one that fails because it can write no more wctl why says that the disk of its home was full. Free a megabyte: within two seconds wctl apply works again, without a restart'
}

Row 'D5' 'a followed log in a console' {
  Manual 'a program that prints in colour, sets the title of the window (ESC ]0;x BEL) and writes a line a second; wctl logs -f of it in a console window and in Windows Terminal: its colours are shown, the title stays, a line in between tells of each run that ends and begins. Restart-Service of the daemon: it waits, then goes on with the next line'
}

Row 'D6' 'colours and moving lines' {
  Manual 'in Windows Terminal and in a console window of its own: wctl get processes has colours in STATUS; wctl wait --for=condition=Ready of a process that does not become ready is one moving line, also in a narrow window, and gone after Ctrl-C; wctl top instances -w is drawn in one place, m and n sort it, q ends it, and what is typed then is shown. With > file there is no escape sequence'
}

Row 'D7' 'completion in PowerShell' {
  Manual 'in Windows PowerShell 5.1 and in PowerShell 7: wctl completion powershell | Out-String | Invoke-Expression; then Tab after the first letter of a verb, after wctl get, wctl get process, wctl logs process/, wctl get -, wctl get process -n, and after -f with a file whose name has a blank: verbs, kinds, names and flags one after the other, and the file is quoted. With the daemon stopped, Tab after wctl get process: nothing within two seconds, and no error on the line'
}

Row 'D8' 'a repository over ssh' {
  Manual 'a GitSource with url git@HOST:PATH, its Secret with identity and known_hosts: Ready. Without known_hosts: HostKeyUnknown. As the service, and with wctl daemon by a person. wctl bootstrap git by a person with --ssh-key-file and --known-hosts-file, into a folder without manifests: the first manifest is pushed, and no folder wctl-bootstrap-* stays in %TEMP%. The folder git\UID.ssh of the data directory is gone after each look; while it is there only SYSTEM and Administrators can read it (icacls). No ssh.exe is left'
}

Row 'D9' 'a repository over HTTPS' {
  Manual 'as the service, with Defender on: a GitSource with a Secret of username, token and ca.crt, and a Process in its repository with runAs.account Dynamic; wctl reconcile after each of 25 pushes: each is applied, and one with an invalid manifest is refused with file and line while nothing else changes. End wctl.exe in Task Manager during one: one whole revision afterwards. Pull the cable and restart the machine: the program runs, READY is False and status.unreachableSince is set. The folder git\UID of the data directory never holds more than 20 packs, only SYSTEM and Administrators can open it (icacls), and it is gone after the GitSource was deleted'
}

# ---------------------------------------------------------------------------------------------------------- from beginning to end

function Initialize-Bench {
  if (-not (Test-Path -LiteralPath $Wctl)) { throw "$Wctl is not there: make dist builds it; -Wctl names another" }
  $icacls = Join-Path $System32 'icacls.exe'
  foreach ($folder in $Root, $Bin, $Shared, (Split-Path $Program)) { New-Item -ItemType Directory -Path $folder | Out-Null }
  Invoke-Checked $icacls @($Shared, '/grant', '*S-1-1-0:(OI)(CI)M') | Out-Null
  Copy-Item -LiteralPath $Wctl -Destination $Program
  Add-Type -TypeDefinition $NativeSource
  Build-Probe $Probe 'anycpu'
  foreach ($file in $Wctl, $Msi, $NewerMsi, $Nssm) { if ($file -ne '') { Assert-That (Test-Path -LiteralPath $file) "$file is not there" } }
  New-LocalUser -Name $User -Password (ConvertTo-SecureString $UserPassword -AsPlainText -Force) -Description 'wctl acceptance, may be deleted' | Out-Null
  Add-LocalGroupMember -SID 'S-1-5-32-545' -Member $User
  $Services.Add($Tag)
  $installed = Invoke-ServiceChecked 'install' @('--data-dir', $DataDir, '--listen', '127.0.0.1:0')
  $script:InstallWarnings = $installed.Err.Trim()
  Invoke-ServiceChecked 'start' | Out-Null
}

# Each step for itself: what can't be removed is told, and the others go on.
function Remove-Bench {
  $steps = @(
    { Stop-Daemons }
    { foreach ($name in $Services) { if ($null -ne (Get-Service -Name $name -ErrorAction SilentlyContinue)) { Invoke-Service 'uninstall' @('--purge') $name | Out-Null } } }
    { Get-Process -Name 'probe*' -ErrorAction SilentlyContinue | Where-Object { "$($_.Path)".StartsWith($Bin) } | Stop-Process -Force }
    { if (Get-LocalUser -Name $User -ErrorAction SilentlyContinue) { Remove-UserProfile; Remove-LocalUser -Name $User } }
    { foreach ($folder in $Canary, $Root) { Remove-Tree $folder } }
  )
  foreach ($step in $steps) { try { & $step } catch { Write-Warning "clean-up: $($_.Exception.Message)" } }
}

# robocopy, because Remove-Item of PowerShell 5.1 stops at paths over 260 characters.
function Remove-Tree([string] $Folder) {
  if (-not (Test-Path -LiteralPath $Folder)) { return }
  $empty = Join-Path $env:TEMP "$Tag-empty"
  New-Item -ItemType Directory -Path $empty -Force | Out-Null
  Invoke-Program (Join-Path $System32 'Robocopy.exe') @($empty, $Folder, '/mir', '/xj', '/r:5', '/w:1') 300 $env:TEMP | Out-Null
  Remove-Item -LiteralPath $Folder, $empty -Recurse -Force
}

function Remove-UserProfile {
  $sid = (Get-LocalUser -Name $User).SID.Value
  Get-CimInstance Win32_UserProfile | Where-Object { $_.SID -eq $sid } | Remove-CimInstance
}

# As a person gave it, relative to where the shell is, which need not be where this process is.
function Resolve-Given([string] $Path) {
  if ($Path -eq '') { return '' }
  $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
}

$InstallWarnings = ''
$Wctl = Resolve-Given $Wctl
$Msi = Resolve-Given $Msi
$NewerMsi = Resolve-Given $NewerMsi
$Nssm = Resolve-Given $Nssm
$Report = Resolve-Given $Report
# With -File, PowerShell hands a list over as one word.
$Only = @($Only | ForEach-Object { $_ -split ',' } | ForEach-Object { $_.Trim() } | Where-Object { $_ -ne '' })
$unknown = @($Only | Where-Object { -not $Rows.Contains($_) })
if ($unknown.Count -gt 0) { throw "there is no row $($unknown -join ', '); there are $($Rows.Keys -join ', ')" }
$chosen = @($Rows.Keys | Where-Object { $Only.Count -eq 0 -or $Only -contains $_ })
$results = @()
try {
  Initialize-Bench
  $results = @(foreach ($id in $chosen) { Invoke-Row $id })
} catch {
  $results += [pscustomobject]@{ Id = '-'; Result = 'FAIL'; Behaviour = 'setting up'; Seen = "$($_.Exception.Message)"; Seconds = 0 }
} finally {
  Remove-Bench
}
$results | Format-Table -Property @('Result', 'Id', 'Behaviour', 'Seconds', 'Seen') -AutoSize -Wrap | Out-String -Width 240 | Write-Host
if ($Report -ne '') { Write-Text $Report (ConvertTo-Json @($results) -Depth 4) }
$counts = foreach ($result in 'PASS', 'FAIL', 'SKIP', 'MANUAL') { "$(@($results | Where-Object { $_.Result -eq $result }).Count) $result" }
Write-Host "$([Environment]::OSVersion.VersionString): $($counts -join ', ')"
$failed = @($results | Where-Object { $_.Result -eq 'FAIL' }).Count
exit $failed
