using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Operations;

/// <summary><c>/api/features</c>, as a host asks it.</summary>
public sealed class FeaturesTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SaysWhatIsOn_When_TheSettingsNameFeatures()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        var settings = """{"Features": {"all": {"Percent": 100, "Tenants": [1]}, "elsewhere": {"Percent": 100, "Tenants": [2]}, "none": {"Percent": 0}}}""";
        await File.WriteAllTextAsync(Path.Combine(site.DataFolder, "laurel.json"), settings, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);

        (await server.GetAsync("/api/features?subject=c-1")).Text.ShouldBe("""{"subject":"c-1","features":{"all":true,"elsewhere":false,"none":false}}""");
        (await server.GetAsync("/api/features")).Status.ShouldBe(400);
        (await server.GetAsync("/api/features?subject=c-1&feature=all")).Status.ShouldBe(400);
    }

    [Fact]
    public async Task DoesNotStart_When_AShareIsWrong()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["Features__mall__Percent"] = "half";

        var outcome = await site.RunVerbAsync(Cancellation, "serve");

        outcome.ExitCode.ShouldBe(2);
        outcome.Errors.ShouldContain("Features:mall:Percent is a number from 0 to 100");
    }
}
