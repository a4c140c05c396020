using Laurel.Kernel;
using Laurel.Platform.Features;
using Laurel.Server.Hosting;
using Microsoft.Extensions.Configuration;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Server;

/// <summary>Features that are on for some.</summary>
public sealed class FeatureFlagsTests
{
    private const int Subjects = 10_000;

    private static readonly TenantId s_tenant = new(1);

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(250, 180, 320)]
    [InlineData(5_000, 4_800, 5_200)]
    [InlineData(10_000, Subjects, Subjects)]
    public void AreOnForTheirShare_When_ManyAsk(int share, int min, int max) => On(Flags(share), s_tenant).Count.ShouldBeInRange(min, max);

    [Fact]
    public void KeepWhoWasIn_When_TheShareGrows() => On(Flags(1_000), s_tenant).IsSubsetOf(On(Flags(2_000), s_tenant)).ShouldBeTrue();

    [Fact]
    public void TakeOthers_When_FeatureOrTenantDiffers()
    {
        var shared = On(Flags(1_000), s_tenant);
        shared.IntersectWith(On(Flags(1_000), new TenantId(2)));
        shared.Count.ShouldBeLessThan(200);

        var alike = On(Flags(1_000), s_tenant);
        alike.IntersectWith(On(Flags(1_000), s_tenant, "other"));
        alike.Count.ShouldBeLessThan(200);
    }

    [Fact]
    public void AreOffForOthers_When_TenantsAreNamed()
    {
        var flags = new FeatureFlags([new FeatureRule { Name = "mall", ShareBasisPoints = 10_000, Tenants = new HashSet<int> { 2 } }]);

        flags.IsOn("mall", new TenantId(2), "c-1").ShouldBeTrue();
        flags.IsOn("mall", s_tenant, "c-1").ShouldBeFalse();
        flags.IsOn("unknown", new TenantId(2), "c-1").ShouldBeFalse();
    }

    [Fact]
    public void NeverChangeSides_When_TheProgramIsAnother()
    {
        // Reckoned by another program from the definition (SHA-256 over length-prefixed parts): a node of another version
        // must decide the same, or members flicker in and out.
        var on = Enumerable.Range(0, 40).Where(i => Flags(2_500).IsOn("mall", s_tenant, $"c-{i}"));

        string.Join(' ', on).ShouldBe("3 8 13 15 25 26 29 37 38");
    }

    [Fact]
    public void AreReadWithEveryMistake_When_TheSectionIsWrong()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Features:mall:Percent"] = "2.5",
            ["Features:mall:Tenants:0"] = "2",
            ["Features:New Mall:Percent"] = "10",
            ["Features:gift:Percent"] = "101",
            ["Features:gift:Tenants:0"] = "first",
            ["Features:gift:Share"] = "1",
        };
        var mistakes = new List<string>();
        var flags = FeatureSection.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build().GetSection("Features"), mistakes.Add);

        mistakes.Count.ShouldBe(4);
        mistakes.ShouldContain("Features:gift:Percent is a number from 0 to 100 with two decimals at the most, not '101'.");
        flags.Names.ShouldBe(["New Mall", "gift", "mall"]);
    }

    private static FeatureFlags Flags(int share) => new(
    [
        new FeatureRule { Name = "mall", ShareBasisPoints = share, Tenants = new HashSet<int>() },
        new FeatureRule { Name = "other", ShareBasisPoints = share, Tenants = new HashSet<int>() },
    ]);

    private static HashSet<int> On(FeatureFlags flags, TenantId tenant, string feature = "mall") =>
        [.. Enumerable.Range(0, Subjects).Where(i => flags.IsOn(feature, tenant, $"c-{i}"))];
}
