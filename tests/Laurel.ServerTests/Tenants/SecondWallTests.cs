using Dapper;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Tenants;

/// <summary>The wall between tenants in PostgreSQL as whoever runs Laurel meets it: switched on, looked at, and refused where it would not hold.</summary>
public sealed class SecondWallTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stands_When_ARunningInstallationIsGivenTheRole()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Postgres, cluster, Cancellation);
        site.Environment["DATABASE_ROLE"] = null;
        string id;
        await using (var open = await LaurelServer.StartAsync(site, Cancellation))
        {
            id = (await open.RegisterAsync("before")).Json.GetProperty("id").GetString()!;
        }

        (await site.RunVerbAsync(Cancellation, "doctor")).Output.ShouldContain("Row-level security is not asked for");
        site.Environment["DATABASE_ROLE"] = PostgresCluster.Role;
        (await site.RunVerbAsync(Cancellation, "doctor")).Output.ShouldContain("Run: laurel migrate");
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            (await server.MemberAsync(id)).Status.ShouldBe(200);
            (await server.RegisterAsync("after")).Status.ShouldBe(201);
        }

        var outcome = await site.RunVerbAsync(Cancellation, "doctor");
        outcome.Output.ShouldContain($"Row-level security holds the role {PostgresCluster.Role}");
        outcome.Output.ShouldNotContain("FAULT   tenants");
        await using var bound = await PostgresCluster.ConnectAsync(site.DatabaseUrl!, Cancellation);
        await bound.ExecuteAsync($"SET ROLE {PostgresCluster.Role}");
        (await bound.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM members")).ShouldBe(0);
        await bound.ExecuteAsync("SET laurel.tenants = '1'");
        (await bound.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM members")).ShouldBe(2);
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task SaysTheSqlToRun_When_TheRoleIsNotThere()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Postgres, cluster, Cancellation);
        site.Environment["DATABASE_ROLE"] = "laurel_nobody_made";

        foreach (var verb in new[] { "migrate", "sweep", "serve" })
        {
            var outcome = await site.RunVerbAsync(Cancellation, verb);

            outcome.ExitCode.ShouldBe(2, verb);
            outcome.Errors.ShouldContain("CREATE ROLE laurel_nobody_made NOLOGIN; GRANT laurel_nobody_made TO", customMessage: verb);
        }
    }

    [Fact]
    public async Task IsRefused_When_TheDatabaseIsAnotherOne()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["DATABASE_ROLE"] = PostgresCluster.Role;

        var outcome = await site.RunVerbAsync(Cancellation, "migrate");

        outcome.ExitCode.ShouldBe(2);
        outcome.Errors.ShouldContain("DATABASE_ROLE names a role of PostgreSQL");
    }
}
