using System.Security.Cryptography;
using Laurel.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(DatabaseServers))]

// Every case loads the machine with processes of its own; side by side they would only measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Laurel.Chaos;

/// <summary>How much of it is run, and by what chance.</summary>
/// <remarks><c>LAUREL_CHAOS=whole</c> runs every case for minutes; without it each is a matter of seconds.
/// <c>LAUREL_SEED</c> repeats the seed that a case printed.</remarks>
internal static class Extent
{
    private static bool Whole => Environment.GetEnvironmentVariable("LAUREL_CHAOS") == "whole";

    /// <summary>How long the faults of a case go on.</summary>
    public static TimeSpan Duration(int seconds) => TimeSpan.FromSeconds(Whole ? seconds * 15 : seconds);

    /// <summary>How often something is done.</summary>
    public static int Times(int times) => Whole ? times * 20 : times;

    public static int DrawSeed(ITestOutputHelper output)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("LAUREL_SEED"), out var given)
            ? given
            : RandomNumberGenerator.GetInt32(int.MaxValue);
        output.WriteLine($"LAUREL_SEED={seed}");
        return seed;
    }
}
