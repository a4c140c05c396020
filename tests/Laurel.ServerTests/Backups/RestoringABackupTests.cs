using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Backups;

/// <summary>A8: what was backed up is restored elsewhere, with the same books, keys and memory of what was done.</summary>
public sealed class RestoringABackupTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static DateTimeOffset Tomorrow => TimeProvider.System.GetUtcNow().AddDays(1);

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task KeepsTheBooks_When_RestoredElsewhere(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var other = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            await Shop.OpenAsync(server);
        }

        var asOf = Tomorrow;
        var before = await Shop.ExportAsync(site, asOf, Cancellation);
        var archive = await Shop.BackUpAsync(site, Cancellation, "--verify");

        var restored = await other.RunVerbAsync(Cancellation, "restore", archive);

        restored.ExitCode.ShouldBe(0, restored.Output + restored.Errors);
        restored.Output.ShouldContain("members         2");
        (await Shop.ExportAsync(other, asOf, Cancellation)).ShouldBe(before);
        await other.VerifyAsync(Cancellation);
        Directory.Exists(Path.Combine(other.DataFolder, ".restore")).ShouldBeFalse();
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task PaysOnce_When_TheShopRepeatsItsHistory(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var other = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        Answer spent;
        string book;
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            spent = await Shop.OpenAsync(server);
            book = await server.BookAsync(await IdOfAsync(server, "ann"));
        }

        var archive = await Shop.BackUpAsync(site, Cancellation);
        var restored = await other.RunVerbAsync(Cancellation, "restore", archive);
        restored.ExitCode.ShouldBe(0, restored.Output + restored.Errors);

        await using var again = await LaurelServer.StartAsync(other, Cancellation);
        var ann = await IdOfAsync(again, "ann");
        var order = await again.CompleteOrderAsync(ann, "o-1", 129_900);
        var replayed = await Shop.SpendAsync(again);

        order.Statuses.ShouldBe(["duplicate"]);
        replayed.Replayed.ShouldBeTrue();
        replayed.Text.ShouldBe(spent.Text);
        var booked = await again.BookAsync(ann);
        booked.ShouldBe(book);

        // The keys came along: the phone can still be read, and still finds the member.
        booked.ShouldContain("138****8000");
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task BringsTheSchemaUpToDate_When_TheArchiveIsOlder(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var other = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            await server.RegisterAsync("ann");
        }

        await using (var connection = await SqlOf.ConnectAsync(site, Cancellation))
        await using (var command = connection.CreateCommand())
        {
            // The last migrations are not undone so easily: this one stands for any that an older Laurel had not got.
            command.CommandText = "DROP TABLE checkout_refunds; DROP TABLE checkouts; DELETE FROM schema_migrations WHERE number = 25"
                + (database == DatabaseUnderTest.MySql ? "; DELETE FROM schema_migration_steps WHERE number = 25" : "");
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        var archive = await Shop.BackUpAsync(site, Cancellation);
        var restored = await other.RunVerbAsync(Cancellation, "restore", archive);

        restored.ExitCode.ShouldBe(0, restored.Output + restored.Errors);
        restored.Output.ShouldContain("migrations      1 applied");
        await using var again = await LaurelServer.StartAsync(other, Cancellation);
        (await again.CompleteOrderAsync(await IdOfAsync(again, "ann"), "o-1", 129_900)).Statuses.ShouldBe(["applied"]);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task LosesNothingBeforeIt_When_TakenUnderLoad(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var other = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        const long Opening = 1_000_000;
        var members = await AtOnce.RunAsync(20, i => server.NewMemberAsync($"m{i}", Opening));
        var traffic = new Crashes.Traffic(members, 8, "load");
        var running = traffic.RunAsync(server, 1);
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, Cancellation);
        var acknowledgedBefore = traffic.Writes.Where(write => write.Acknowledged is not null).ToArray();

        var archive = await Shop.BackUpAsync(site, Cancellation, "--verify");
        await server.Process.StopAsync(Cancellation);
        await running;
        var restored = await other.RunVerbAsync(Cancellation, "restore", archive);

        restored.ExitCode.ShouldBe(0, restored.Output + restored.Errors);
        traffic.Strange.ShouldBeEmpty();
        acknowledgedBefore.ShouldNotBeEmpty();
        await using var again = await LaurelServer.StartAsync(other, Cancellation);
        foreach (var write in acknowledgedBefore)
        {
            var answer = await write.SendAsync(again);
            answer.Replayed.ShouldBeTrue($"{write.Reference} was acknowledged before the backup and is lost");
            answer.EntryIds.ShouldBe(write.Acknowledged);
        }

        // The shop sends all it ever sent: what the archive held is not paid twice, what it did not hold is paid now.
        foreach (var write in traffic.Writes)
        {
            (await write.SendAsync(again)).Status.ShouldBe(200, write.Reference);
        }

        foreach (var member in members)
        {
            var effect = traffic.Writes.Where(write => write.Member == member).Sum(write => write.Effect);
            (await again.PointsAsync(member)).Available.ShouldBe(Opening + effect);
        }

        await site.VerifyAsync(Cancellation);
        await other.VerifyAsync(Cancellation);
    }

    private static async Task<string> IdOfAsync(LaurelServer server, string externalId) =>
        (await server.GetAsync("/api/members?externalId=" + externalId)).Json.GetProperty("items")[0].GetProperty("id").GetString()!;
}
