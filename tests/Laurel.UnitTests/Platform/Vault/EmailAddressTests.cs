using Laurel.Platform.Vault;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Vault;

public sealed class EmailAddressTests
{
    private static readonly string s_longLocal = new('a', 64);
    private static readonly string s_longLabel = new('b', 63);

    public static TheoryData<string> TooLong =>
    [
        new string('a', 65) + "@example.com",
        "a@" + new string('b', 64) + ".com",
        s_longLocal + "@" + string.Join('.', Enumerable.Repeat(s_longLabel, 3)) + ".com",
        "a@" + string.Concat(Enumerable.Repeat("张张张张张张张张张.", 12)) + "com",
    ];

    [Theory]
    [InlineData("ann@example.com", "ann@example.com")]
    [InlineData("  Ann.Lee+shop@Example.COM ", "ann.lee+shop@example.com")]
    [InlineData("e\u0301@example.com", "é@example.com")]
    [InlineData("张三@例子.中国", "张三@例子.中国")]
    [InlineData("a@b-c.d1", "a@b-c.d1")]
    [InlineData("!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com")]
    public void IsNormalised_When_WrittenAs(string text, string expected)
    {
        EmailAddress.Normalise(text, out var normalised).ShouldBeNull();

        normalised.ShouldBe(expected);
        EmailAddress.Normalise(normalised, out var again).ShouldBeNull();
        again.ShouldBe(normalised);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ann")]
    [InlineData("@example.com")]
    [InlineData("ann@")]
    [InlineData("ann@example")]
    [InlineData("ann@@example.com")]
    [InlineData("ann@exa@mple.com")]
    [InlineData("an n@example.com")]
    [InlineData("ann@exam ple.com")]
    [InlineData(".ann@example.com")]
    [InlineData("ann.@example.com")]
    [InlineData("a..n@example.com")]
    [InlineData("ann@.example.com")]
    [InlineData("ann@example.com.")]
    [InlineData("ann@-example.com")]
    [InlineData("ann@example-.com")]
    [InlineData("ann@exam_ple.com")]
    [InlineData("\"ann\"@example.com")]
    [InlineData("ann@[127.0.0.1]")]
    [InlineData("ann\n@example.com")]
    [InlineData("ann<script>@example.com")]
    [InlineData("ann\u200b@example.com")]
    public void IsRefused_When_WrittenAs(string text)
    {
        EmailAddress.Normalise(text, out var normalised).ShouldBe("INVALID_FORMAT");

        normalised.ShouldBeEmpty();
    }

    [Fact]
    public void IsRefused_When_HalfASurrogatePairIsIn() =>
        EmailAddress.Normalise("a\ud800@example.com", out _).ShouldBe("INVALID_FORMAT");

    [Theory]
    [MemberData(nameof(TooLong))]
    public void IsRefused_When_AnyPartIsTooLong(string text) =>
        EmailAddress.Normalise(text, out _).ShouldBeOneOf("TOO_LONG", "INVALID_FORMAT");

    [Theory]
    [InlineData("ann@example.com", "a***@example.com")]
    [InlineData("ab@example.com", "a***@example.com")]
    [InlineData("a@example.com", "***@example.com")]
    [InlineData("😀b@example.com", "😀***@example.com")]
    [InlineData("😀@example.com", "***@example.com")]
    [InlineData("@example.com", "***")]
    [InlineData("no address", "***")]
    [InlineData("", "***")]
    public void IsHidden_When_TheAddressIs(string normalised, string expected) =>
        EmailAddress.Hide(normalised).ShouldBe(expected);
}
