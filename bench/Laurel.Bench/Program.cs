using System.CommandLine;
using System.Runtime.Versioning;
using Laurel.Bench;

// epoll, /proc and the programs of PostgreSQL: the benchmark runs where the product is deployed.
[assembly: SupportedOSPlatform("linux")]

// Long enough for every server to be asked to end, waited for and its files removed after Ctrl+C.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(2) };
return await BenchCommands.Root().Parse(args).InvokeAsync(invocation, CancellationToken.None);
