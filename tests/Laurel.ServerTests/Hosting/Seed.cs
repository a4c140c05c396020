using System.Security.Cryptography;
using Xunit;

namespace Laurel.ServerTests.Hosting;

/// <summary>Chance that can be had again: set <c>LAUREL_SEED</c> to the number that a test printed.</summary>
internal static class Seed
{
    /// <summary>A new seed, or the one asked for; it is told in the test's output and on the console.</summary>
    public static int Draw(ITestOutputHelper output)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("LAUREL_SEED"), out var given)
            ? given
            : RandomNumberGenerator.GetInt32(int.MaxValue);
        output.WriteLine($"LAUREL_SEED={seed}");
        return seed;
    }
}
