using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Backups;

/// <summary>The drill of docs/operate/backup.md: PostgreSQL is lost and comes back as it was at a mark, from a base backup and
/// the archive of its log.</summary>
public sealed class RestoringToAMarkTests
{
    private const string Mark = "before-the-mistake";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task HoldsWhatCameBefore_When_TheMachineIsLost()
    {
        await using var postgres = await ArchivingPostgres.StartAsync(Cancellation);
        await using var site = LaurelSite.On(postgres.Url);
        var asOf = TimeProvider.System.GetUtcNow().AddDays(1);
        string atTheMark;
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            await server.NewMemberAsync("before-the-base", 700);
            await postgres.TakeBaseAsync(Cancellation);
            await Shop.OpenAsync(server);
            atTheMark = await Shop.ExportAsync(site, asOf, Cancellation);
            await postgres.MarkAsync(Mark, Cancellation);
            var late = await server.NewMemberAsync("after-the-mark", 900);
            (await server.CompleteOrderAsync(late, "o-9", 90_000)).Statuses.ShouldBe(["applied"]);
        }

        (await Shop.ExportAsync(site, asOf, Cancellation)).ShouldNotBe(atTheMark);
        await postgres.ArchiveAllAsync(Cancellation);

        await postgres.LoseAsync(Cancellation);
        await postgres.RestoreToAsync(Mark, Cancellation);

        await site.VerifyAsync(Cancellation);
        (await Shop.ExportAsync(site, asOf, Cancellation)).ShouldBe(atTheMark);
        await using var again = await LaurelServer.StartAsync(site, Cancellation);
        (await again.GetAsync("/api/members?externalId=after-the-mark")).Json.GetProperty("items").GetArrayLength().ShouldBe(0);

        // The shop repeats: what came before the mark is there, what came after is paid now.
        (await Shop.SpendAsync(again)).Replayed.ShouldBeTrue();
        var member = await again.NewMemberAsync("after-the-mark", 900);
        (await again.CompleteOrderAsync(member, "o-9", 90_000)).Statuses.ShouldBe(["applied"]);
        await site.VerifyAsync(Cancellation);
    }
}
