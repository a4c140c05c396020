using System.Text;
using Laurel.Identity.SignIn;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Identity;

/// <summary>One-time passwords as the standards print them.</summary>
public sealed class OneTimePasswordsTests
{
    private static readonly byte[] s_secret = Encoding.ASCII.GetBytes("12345678901234567890");

    /// <summary>RFC 4226 appendix D.</summary>
    [Theory]
    [InlineData(0, "755224")]
    [InlineData(1, "287082")]
    [InlineData(4, "338314")]
    [InlineData(9, "520489")]
    public void AreThoseOfTheStandard_When_TheCounterIsGiven(long counter, string expected) => Totp.At(s_secret, counter).ShouldBe(expected);

    /// <summary>RFC 6238 appendix B, the last six of its eight digits.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1_111_111_109, "081804")]
    [InlineData(1_111_111_111, "050471")]
    [InlineData(1_234_567_890, "005924")]
    [InlineData(2_000_000_000, "279037")]
    [InlineData(20_000_000_000, "353130")]
    public void AreThoseOfTheStandard_When_TheTimeIsGiven(long seconds, string expected) =>
        Totp.StepOf(s_secret, expected, DateTimeOffset.FromUnixTimeSeconds(seconds)).ShouldBe(seconds / 30);

    [Fact]
    public void AreTakenOneStepToEitherSide_When_ClocksDiffer()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(3_000);

        Totp.StepOf(s_secret, Totp.At(s_secret, 99), now).ShouldBe(99);
        Totp.StepOf(s_secret, Totp.At(s_secret, 101), now).ShouldBe(101);
        Totp.StepOf(s_secret, Totp.At(s_secret, 98), now).ShouldBeNull();
        Totp.StepOf(s_secret, Totp.At(s_secret, 102), now).ShouldBeNull();
        Totp.StepOf(s_secret, "", now).ShouldBeNull();
    }
}
