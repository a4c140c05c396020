using Laurel.GraphQL.Language;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Language;

/// <summary>Names are shared between documents, and never mistaken for each other.</summary>
public sealed class NamesReadOnceTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("abc")]
    [InlineData("abcd")]
    [InlineData("abcdefgh")]
    [InlineData("abcdefghi")]
    public void AreOneString_When_TheyAreReadAgain(string name)
    {
        NameTable.Of(name).ShouldBe(name);

        // Tests beside this one read names too, and may take the place in between: not every time.
        Enumerable.Range(0, 100).ShouldContain(_ => ReferenceEquals(NameTable.Of(name), NameTable.Of(name.ToCharArray())));
    }

    [Fact]
    public void AreWhatIsWritten_When_TheyShareTheirPlaceInTheTable()
    {
        // These agree at both ends and in length; each is asked for behind the others.
        string[] names = ["nameXXXXname", "nameYYYYname", "nameXXYYname", "nameYYXXname"];

        foreach (var name in names.Concat(names).Concat(names.Reverse()))
        {
            NameTable.Of(name).ShouldBe(name);
        }
    }

    [Fact]
    public void AreWhatIsWritten_When_ThereAreMoreThanPlaces()
    {
        // Every name of one to three of these letters, and of six.
        const string Letters = "abcdefghijklmnop_";
        var names = Letters.SelectMany(a => Letters.SelectMany(b => Letters.SelectMany(c => new[] { $"{a}", $"{a}{b}", $"{a}{b}{c}", $"{a}{b}{c}{c}{b}{a}" }))).ToArray();

        names.Length.ShouldBeGreaterThan(3 * 4_096);
        names.ShouldAllBe(name => NameTable.Of(name) == name);
    }

    [Fact]
    public void AreNotKept_When_TheyAreLong()
    {
        var name = new string('a', 65);

        NameTable.Of(name).ShouldBe(name);
        NameTable.Of(name).ShouldNotBeSameAs(NameTable.Of(name));
    }
}
