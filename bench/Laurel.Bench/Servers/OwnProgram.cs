namespace Laurel.Bench.Servers;

/// <summary>This program, to be started again with another verb.</summary>
internal static class OwnProgram
{
    public static ChildProgram With(params IReadOnlyList<string> arguments)
    {
        var program = Environment.ProcessPath ?? throw new BenchException("This process has no path.");
        var isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        var self = Path.Combine(AppContext.BaseDirectory, "Laurel.Bench.dll");
        return new ChildProgram { File = program, Arguments = isHost ? [self, .. arguments] : arguments };
    }
}
