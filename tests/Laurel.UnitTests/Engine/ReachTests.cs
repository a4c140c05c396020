using Laurel.Engine.Sql;
using Laurel.Kernel;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Engine;

public sealed class ReachTests
{
    private static readonly Reach s_one = Reach.Of(new TenantId(1));
    private static readonly Reach s_two = Reach.Of(new TenantId(2));
    private static readonly Reach s_both = Reach.Of([new TenantId(2), new TenantId(1), new TenantId(2)]);

    [Fact]
    public void IsNothing_When_NobodySaid()
    {
        default(Reach).ShouldBe(Reach.Nothing);
        Reach.Of([]).ShouldBe(Reach.Nothing);
        Reach.Nothing.ToString().ShouldBe("");
        Reach.Nothing.IsEverything.ShouldBeFalse();
    }

    [Fact]
    public void NamesTenantsInOrder_When_ItIsWritten()
    {
        s_one.ToString().ShouldBe("1");
        s_both.ToString().ShouldBe("1,2");
        Reach.Everything.ToString().ShouldBe("*");
    }

    [Fact]
    public void ReachesWhatEitherDoes_When_TwoAreOne()
    {
        s_one.And(s_two).ShouldBe(s_both);
        s_two.And(s_one).ShouldBe(s_both);
        s_both.And(s_one).ShouldBe(s_both);
        s_one.And(s_both).ShouldBe(s_both);
        s_one.And(Reach.Nothing).ShouldBe(s_one);
        Reach.Nothing.And(s_one).ShouldBe(s_one);
        s_one.And(Reach.Everything).ShouldBe(Reach.Everything);
        Reach.Everything.And(s_one).ShouldBe(Reach.Everything);
        Reach.Everything.And(Reach.Nothing).ShouldBe(Reach.Everything);
        Reach.Nothing.And(Reach.Nothing).ShouldBe(Reach.Nothing);
    }

    [Fact]
    public void AreDifferent_When_TheyReachOthers()
    {
        (s_one == Reach.Of(new TenantId(1))).ShouldBeTrue();
        s_one.GetHashCode().ShouldBe(Reach.Of(new TenantId(1)).GetHashCode());
        (s_one != s_two).ShouldBeTrue();
        (Reach.Everything == Reach.Nothing).ShouldBeFalse();
        (Reach.Everything == s_both).ShouldBeFalse();
    }
}
