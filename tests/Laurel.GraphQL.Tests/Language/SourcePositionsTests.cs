using Laurel.GraphQL.Language;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Language;

/// <summary>Offsets are told as lines and columns.</summary>
public sealed class SourcePositionsTests
{
    [Theory]
    [InlineData("abc", 0, 1, 1)]
    [InlineData("abc", 3, 1, 4)]
    [InlineData("a\nb", 1, 1, 2)]
    [InlineData("a\nb", 2, 2, 1)]
    [InlineData("a\r\nb", 3, 2, 1)]
    [InlineData("a\rb", 2, 2, 1)]
    [InlineData("a\n\rb", 3, 3, 1)]
    [InlineData("a\r\n", 2, 1, 3)]
    [InlineData("", 0, 1, 1)]
    public void BeginWithOne_When_AnOffsetIsTold(string text, int offset, int line, int column) =>
        new Source(text).PositionOf(offset).ShouldBe(new(line, column));

    [Fact]
    public void AreUnknown_When_ANodeWasNotRead() => default(Location).Position.ShouldBeNull();
}
