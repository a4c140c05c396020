using Laurel.Kernel;
using Laurel.Platform.Access;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Access;

/// <summary>Who is behind a call, and with whom it is one person.</summary>
public sealed class HandsTests
{
    private static readonly Hands s_ann = Hands.Of(new Hash128(1, 1));
    private static readonly Hands s_ben = Hands.Of(new Hash128(2, 2));

    [Fact]
    public void Meet_When_OneIsBehindTheOther()
    {
        var puppet = Hands.Of(new Hash128(3, 3), s_ann);
        var puppets = Hands.Of(new Hash128(4, 4), puppet, s_ben);
        var other = Hands.Of(new Hash128(5, 5), s_ann);

        s_ann.Meets(s_ann).ShouldBeTrue();
        s_ann.Meets(s_ben).ShouldBeFalse();
        (s_ann.Meets(puppet), puppet.Meets(s_ann), puppet.Meets(s_ben)).ShouldBe((true, true, false));
        (s_ann.Meets(puppets), s_ben.Meets(puppets), puppet.Meets(puppets)).ShouldBe((true, true, true));
        puppet.Meets(other).ShouldBeTrue("Both are in the hands of one person.");
        Hands.None.Meets(s_ann).ShouldBeFalse();
        Hands.None.Meets(Hands.Anybody).ShouldBeFalse();
        Hands.Both(null, null).ShouldBeNull();
        Hands.Both(s_ann, s_ben)!.Meets(s_ben).ShouldBeTrue();
    }

    [Fact]
    public void MeetEverybody_When_TheChainIsTooLong()
    {
        var last = s_ann;
        for (ulong i = 0; i < Hands.CountMax - 1; i++)
        {
            last = Hands.Of(new Hash128(10, i), last);
        }

        (last.Meets(s_ann), last.Meets(s_ben)).ShouldBe((true, false));
        last = Hands.Of(new Hash128(11, 0), last);
        (last.Meets(s_ann), last.Meets(s_ben)).ShouldBe((true, true));
        Hands.Of(new Hash128(12, 0), last).Meets(s_ben).ShouldBeTrue();
        last.ToBytes().Length.ShouldBeLessThanOrEqualTo(128);
    }

    [Fact]
    public void AreTheSame_When_TheyWereStored()
    {
        var hands = Hands.Of(new Hash128(3, 3), s_ann, null, s_ben, s_ann);

        hands.ToBytes().Length.ShouldBe(3 * 16);
        Hands.FromBytes(hands.ToBytes()).ShouldBe(hands);
        Hands.FromBytes([]).ShouldBe(Hands.None);
        Should.Throw<InvariantBrokenException>(() => Hands.FromBytes(new byte[17]));
    }
}
