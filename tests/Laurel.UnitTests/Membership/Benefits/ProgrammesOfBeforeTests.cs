using Laurel.Membership.Benefits;
using Laurel.Membership.Programmes;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership.Benefits;

/// <summary>Programmes that were stored before there were benefits keep their figures and gain the benefits that stand for them.</summary>
public sealed class ProgrammesOfBeforeTests
{
    [Fact]
    public void GiveTheStandardPackage_When_TheirLevelsNameNone()
    {
        const string Stored = """
            {"version":3,"rules":[],"levels":[{"code":"only","nameEnglish":"Only","nameChinese":"唯一","threshold":0,"multiplierBasisPoints":12000,"discountBasisPoints":9700,"freeShippingFrom":5000}]}
            """;

        var programme = ProgrammeDocument.Read(Stored);

        programme.Levels.ShouldHaveSingleItem().Package.ShouldBe(StandardBenefits.Standard);
        programme.Benefits.ShouldBe(StandardBenefits.All);
        programme.Mistakes().ShouldBeEmpty();
        (programme.Levels[0].MultiplierBasisPoints, programme.Levels[0].DiscountBasisPoints, programme.Levels[0].FreeShippingFrom).ShouldBe((12_000, 9_700, 5_000));
    }

    [Fact]
    public void StayAsTheyAre_When_TheyAreWrittenAndReadAgain()
    {
        var bare = new Programme() with { Levels = [Programme.DefaultLevels[0] with { Package = null }] };

        foreach (var programme in (Programme[])[new(), bare])
        {
            var document = ProgrammeDocument.Write(programme);
            ProgrammeDocument.Write(ProgrammeDocument.Read(document)).ShouldBe(document);
        }

        ProgrammeDocument.Read(ProgrammeDocument.Write(bare)).Levels[0].Package.ShouldBeNull();
    }

    [Fact]
    public void AreRefused_When_ALevelNamesAPackageThatThereIsNot()
    {
        var programme = new Programme { Packages = [] };

        programme.Mistakes().ShouldContain(mistake => mistake.StartsWith("/levels/0/package:", StringComparison.Ordinal));
        new Programme().Mistakes().ShouldBeEmpty();
    }
}
