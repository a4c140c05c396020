using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Laurel.Identity.Passwords;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Identity;

/// <summary>Passwords are looked for in a file of hashes as large as it likes.</summary>
public sealed class KnownPasswordsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1_000)]
    public void AreFoundEachOfThem_When_TheFileHasSoMany(int count)
    {
        var path = Path.GetTempFileName();
        try
        {
            var lines = Enumerable.Range(0, count)
                .Select(i => $"{HashOf($"leaked {i}")}:{(i * 7919).ToString(CultureInfo.InvariantCulture)}")
                .Order(StringComparer.Ordinal);
            File.WriteAllText(path, string.Join("\r\n", lines));
            using var breached = new BreachedPasswords(path);

            Enumerable.Range(0, count).ShouldAllBe(i => breached.Contains($"leaked {i}"));
            Enumerable.Range(0, 500).ShouldAllBe(i => !breached.Contains($"kept {i}"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    [Trait("Attack", "D10")]
    public void AreFound_When_TheyAreThoseThatEverybodyTakes()
    {
        using var breached = new BreachedPasswords(null);

        breached.Contains("Password123").ShouldBeTrue();
        breached.Contains("woaini1314").ShouldBeTrue();
        breached.Contains("correct horse battery").ShouldBeFalse();
    }

    private static string HashOf(string password) => Convert.ToHexString(SHA1.HashData(Encoding.UTF8.GetBytes(password)));
}
