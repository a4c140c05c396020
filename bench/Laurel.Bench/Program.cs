using System.Text.Json;
using Laurel.Bench.Load;
using Laurel.Bench.Servers;

if (args[0] == "echo")
{
    await EchoServer.RunAsync(args[1], CancellationToken.None);
    return 0;
}

var settings = JsonSerializer.Deserialize(Console.In.ReadLine()!, LoadJson.Default.LoadSettings)!;
Console.Out.WriteLine(JsonSerializer.Serialize(LoadGenerator.Run(settings), LoadJson.Default.LoadResult));
return 0;
