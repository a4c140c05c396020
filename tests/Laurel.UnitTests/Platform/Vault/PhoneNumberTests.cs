using Laurel.Platform.Vault;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Vault;

public sealed class PhoneNumberTests
{
    [Theory]
    [InlineData("13800138000", "13800138000")]
    [InlineData("138 0013 8000", "13800138000")]
    [InlineData(" 138-0013-8000 ", "13800138000")]
    [InlineData("+86 138 0013 8000", "+8613800138000")]
    [InlineData("(010) 6552.9988", "01065529988")]
    [InlineData("10086", "10086")]
    [InlineData("123456789012345", "123456789012345")]
    public void IsNormalised_When_WrittenAs(string text, string expected)
    {
        PhoneNumber.Normalise(text, out var normalised).ShouldBeNull();

        normalised.ShouldBe(expected);
        PhoneNumber.Normalise(normalised, out var again).ShouldBeNull();
        again.ShouldBe(normalised);
    }

    [Theory]
    [InlineData("", "INVALID_FORMAT")]
    [InlineData("   ", "INVALID_FORMAT")]
    [InlineData("+", "INVALID_FORMAT")]
    [InlineData("1008", "INVALID_FORMAT")]
    [InlineData("+1008", "INVALID_FORMAT")]
    [InlineData("1234567890123456", "INVALID_FORMAT")]
    [InlineData("138+00138000", "INVALID_FORMAT")]
    [InlineData("++8613800138000", "INVALID_FORMAT")]
    [InlineData("13800138000x", "INVALID_FORMAT")]
    [InlineData("１３８００１３８０００", "INVALID_FORMAT")]
    [InlineData("1 3 8 0 0 1 3 8 0 0 0 0 0 0 0 0 0", "TOO_LONG")]
    public void IsRefused_When_WrittenAs(string text, string code)
    {
        PhoneNumber.Normalise(text, out var normalised).ShouldBe(code);

        normalised.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("13800138000", "138****8000")]
    [InlineData("+8613800138000", "+861****8000")]
    [InlineData("01065529988", "010****9988")]
    [InlineData("6552998812", "****12")]
    [InlineData("10086", "****86")]
    [InlineData("+10086", "+****86")]
    [InlineData("", "****")]
    [InlineData("123", "****")]
    [InlineData("not a number", "****")]
    public void IsHidden_When_TheNumberIs(string normalised, string expected) =>
        PhoneNumber.Hide(normalised).ShouldBe(expected);

    [Fact]
    public void HidesAtLeastThreeDigits_When_OfAnyLength()
    {
        for (var length = PhoneNumber.DigitsMin; length <= PhoneNumber.DigitsMax; length++)
        {
            var number = "123456789012345"[..length];

            var shown = PhoneNumber.Hide(number).Count(char.IsAsciiDigit);

            shown.ShouldBeLessThanOrEqualTo(Math.Min(7, length - 3));
        }
    }
}
