using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Tenants;

/// <summary>The platform adds tenants, changes, suspends and resumes them.</summary>
public sealed class ManagingTenantsTests(Servers servers, DatabaseServers cluster) : IClassFixture<Servers>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task HasItsOwnProgrammeAndKey_When_ATenantIsAdded(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var added = await server.PostAsync("/api/tenants", new { code = "red-shop", name = "Red 红", hosts = new[] { "Red.Example", "red.example" } });

        added.Outcome.ShouldBe("201");
        added.TextOf("status").ShouldBe("active");
        added.Json.GetProperty("hosts").EnumerateArray().Select(host => host.GetString()).ShouldBe(["red.example"]);
        await using var red = server.As(added.TextOf("apiKey")!);
        var programme = (await red.GetAsync("/api/programme")).Json;
        programme.GetProperty("version").GetInt32().ShouldBe(1);
        (await red.RegisterAsync("m-1")).Outcome.ShouldBe("201");
        var found = await server.GetAsync("/api/tenants/red-shop");
        found.Outcome.ShouldBe("200");
        found.Text.ShouldNotContain("apiKey", Case.Insensitive);
        found.TextOf("name").ShouldBe("Red 红");
        (await server.GetAsync("/api/tenants?limit=1")).Json.GetProperty("items")[0].GetProperty("code").GetString().ShouldBe("default");
        await servers.SiteOf(database).VerifyAsync(Cancellation);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task ShowsTheSameKeyAndStoresNone_When_TheCallIsRepeatedUnderItsKey(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var body = new { code = "repeated", name = "Repeated" };
        var first = await server.PostUnderAsync("add-repeated", "/api/tenants", body);
        var second = await server.PostUnderAsync("add-repeated", "/api/tenants", body);

        (first.Status, second.Status, second.Replayed).ShouldBe((201, 201, true));
        second.TextOf("apiKey").ShouldBe(first.TextOf("apiKey"));
        (await server.PostUnderAsync("add-repeated", "/api/tenants", new { code = "repeated", name = "Other" })).Status.ShouldBe(422);
        (await server.PostAsync("/api/tenants", body)).Outcome.ShouldBe("409 TENANT_EXISTS");
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task BelongsToOneTenant_When_AHostIsAskedForTwice(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        await using var first = await server.NewTenantAsync("first-host", "one.example", "two.example");
        await using var second = await server.NewTenantAsync("second-host");

        (await server.PostAsync("/api/tenants", new { code = "third-host", name = "T", hosts = new[] { "TWO.example" } })).Outcome.ShouldBe("409 TENANT_HOST_TAKEN");
        (await server.PutAsync("/api/tenants/second-host", new { name = "S", hosts = new[] { "one.example" } })).Outcome.ShouldBe("409 TENANT_HOST_TAKEN");
        (await server.PutAsync("/api/tenants/first-host", new { name = "F", hosts = new[] { "two.example" } })).Outcome.ShouldBe("200");
        (await server.PutAsync("/api/tenants/second-host", new { name = "S", hosts = new[] { "one.example" } })).Outcome.ShouldBe("200");
        (await server.PutAsync("/api/tenants/nobody", new { name = "S" })).Outcome.ShouldBe("404 TENANT_NOT_FOUND");

        (await second.GetAsync("/api/programme", "one.example", null)).Outcome.ShouldBe("200");
        (await second.GetAsync("/api/programme", "two.example", null)).Outcome.ShouldBe("403 TENANT_MISMATCH");
        (await second.GetAsync("/api/programme", null, "first-host")).Outcome.ShouldBe("403 TENANT_MISMATCH");
        (await second.GetAsync("/api/programme", null, "second-host")).Outcome.ShouldBe("200");
    }

    [Theory]
    [InlineData("""{"name":"x"}""", "/code")]
    [InlineData("""{"code":"7up","name":"x"}""", "/code")]
    [InlineData("""{"code":"Red","name":"x"}""", "/code")]
    [InlineData("""{"code":"red"}""", "/name")]
    [InlineData("""{"code":"red","name":"x","hosts":["a b"]}""", "/hosts")]
    [InlineData("""{"code":"red","name":"x","hosts":["a.example:8080"]}""", "/hosts")]
    [InlineData("""{"code":"red","name":"x","apiKey":"lk_1"}""", "/apiKey")]
    public async Task IsRefusedWithItsPlace_When_TheBodyIsAtFault(string body, string pointer)
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var answer = await server.PostAsync("/api/tenants", body);

        answer.Outcome.ShouldBe("400 VALIDATION_FAILED");
        answer.Faults.ShouldHaveSingleItem().ShouldEndWith(pointer);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task RefusesEveryCall_When_TheTenantIsSuspended(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        await using var shop = await server.NewTenantAsync("suspended", "suspended.example");
        var member = (await shop.RegisterAsync("m-1")).TextOf("id")!;
        await server.SuspendAsync("suspended");

        (await shop.GetAsync("/api/programme")).Outcome.ShouldBe("403 TENANT_SUSPENDED");
        (await shop.EarnAsync(member, 5, "r-1")).Outcome.ShouldBe("403 TENANT_SUSPENDED");
        (await server.GetAsync("/api/programme")).Outcome.ShouldBe("200");
        (await server.GetAsync("/api/tenants/suspended")).TextOf("suspendedFor").ShouldBe("It did not pay");
        await server.SuspendAsync("suspended");
        await server.ResumeAsync("suspended");
        (await shop.EarnAsync(member, 5, "r-1")).Outcome.ShouldBe("200");
        (await server.PostAsync("/api/tenants/default/suspend", new { reason = "x" })).Outcome.ShouldBe("422 TENANT_IS_PLATFORM");
        (await server.PostAsync("/api/tenants/nobody/suspend", new { reason = "x" })).Outcome.ShouldBe("404 TENANT_NOT_FOUND");
        (await server.PostAsync("/api/tenants/nobody/resume", new { })).Outcome.ShouldBe("404 TENANT_NOT_FOUND");
    }

    [Fact]
    public async Task IsForThePlatformAlone_When_ATenantAsks()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        await using var shop = await server.NewTenantAsync("curious");

        (await shop.GetAsync("/api/tenants")).Outcome.ShouldBe("403 PLATFORM_ONLY");
        (await shop.GetAsync("/api/tenants/default")).Outcome.ShouldBe("403 PLATFORM_ONLY");
        (await shop.PostAsync("/api/tenants", new { code = "mine", name = "x" })).Outcome.ShouldBe("403 PLATFORM_ONLY");
        (await shop.PutAsync("/api/tenants/curious", new { name = "x" })).Outcome.ShouldBe("403 PLATFORM_ONLY");
        (await shop.PostAsync("/api/tenants/default/suspend", new { reason = "x" })).Outcome.ShouldBe("403 PLATFORM_ONLY");
        (await shop.PostAsync("/api/admin/read-only", new { on = true, reason = "x" })).Outcome.ShouldBe("403 PLATFORM_ONLY");
        (await shop.GetAsync("/api/admin/read-only")).Outcome.ShouldBe("403 PLATFORM_ONLY");
        (await shop.GetAsync("/metrics")).Outcome.ShouldBe("403 PLATFORM_ONLY");
        (await server.GetAsync("/api/tenants/mine")).Outcome.ShouldBe("404 TENANT_NOT_FOUND");
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task AgreeOnTenants_When_TwoNodesAddThemAtOnce(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var one = await LaurelServer.StartAsync(site, Cancellation);
        await using var two = await LaurelServer.StartAsync(site, Cancellation);
        var answers = await AtOnce.RunAsync(40, i => (i % 2 == 0 ? one : two).PostAsync("/api/tenants", new { code = $"shop-{i / 2}", name = $"Shop {i}" }));

        answers.Count(answer => answer.Status == 201).ShouldBe(20);
        answers.Count(answer => answer.Code == "TENANT_EXISTS").ShouldBe(20);
        answers.Where(answer => answer.Status == 201).Select(answer => answer.TextOf("id")).Distinct().Count().ShouldBe(20);

        // A node that never heard of a tenant serves it at once, and obeys within seconds what another was told of it.
        var key = await one.NewTenantKeyAsync("late");
        await using var late = two.As(key);
        (await late.RegisterAsync("m-1")).Outcome.ShouldBe("201");
        await one.SuspendAsync("late");
        (await Eventually.HoldsAsync(async () => (await late.GetAsync("/api/programme")).Code == "TENANT_SUSPENDED", "The other node does not obey."))
            .ShouldBeLessThan(TimeSpan.FromSeconds(6));
        await site.VerifyAsync(Cancellation);
    }
}
