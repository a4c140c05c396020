using Laurel.Membership.Programmes;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership.Levels;

/// <summary>JSON can say null where a part of the programme should stand: it is a mistake with a place, never a fault.</summary>
public sealed class MistakenNothingTests
{
    public static TheoryData<string, Programme> Programmes { get; } = new()
    {
        { "/levels", new Programme { Levels = [null!] } },
        { "/tracks", new Programme { Tracks = [null!] } },
        { "/rules", new Programme { Rules = [null!] } },
        { "/campaigns", new Programme { Campaigns = [null!] } },
        { "/units", new Programme { Units = [null!] } },
        { "/benefits", new Programme { Benefits = [null!] } },
        { "/packages", new Programme { Packages = [null!] } },
        { "/coupons", new Programme { Coupons = [null!] } },
        { "/cards", new Programme { Cards = [null!] } },
        { "/watch", new Programme { Watch = [null!] } },
    };

    [Theory]
    [MemberData(nameof(Programmes))]
    public void IsNamedWithItsPlace_When_APartIsNull(string place, Programme programme) =>
        programme.AllMistakes().Select(mistake => $"{mistake.Code} {mistake.Location}").ShouldBe([$"REQUIRED {place}/0"]);
}
