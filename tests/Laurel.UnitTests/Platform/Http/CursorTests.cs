using Laurel.Kernel;
using Laurel.Platform.Http;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Http;

public sealed class CursorTests
{
    [Theory]
    [InlineData(new long[] { 0 })]
    [InlineData(new[] { long.MinValue, long.MaxValue, -1 })]
    [InlineData(new long[] { 1, 2, 3, 4, 5, 6, 7, 8 })]
    public void GivesTheNumbersBack_When_Written(long[] values)
    {
        var text = Cursor.Write(values);
        var read = new long[values.Length];

        Cursor.TryRead(text, read).ShouldBeTrue();
        read.ShouldBe(values);
        text.ShouldAllBe(c => char.IsAsciiLetterOrDigit(c) || c == '-' || c == '_');
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("!!!!!!!!!!!!")]
    [InlineData("AQAAAAAAAAA=")]
    [InlineData("AgAAAAAAAAAB")]
    [InlineData("AQAAAAAAAAABAQ")]
    [InlineData("会会会会会会会会会会会会")]
    public void Refuses_When_TheTextIsNoCursor(string text) =>
        Cursor.TryRead(text, new long[1]).ShouldBeFalse();

    [Fact]
    public void Refuses_When_ItBelongsToAListWithOtherNumbers() =>
        Cursor.TryRead(Cursor.Write(1, 2), new long[1]).ShouldBeFalse();

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void Throws_When_TheNumbersAreTooFewOrTooMany(int count) =>
        Should.Throw<InvariantBrokenException>(() => Cursor.Write(new long[count]));
}
