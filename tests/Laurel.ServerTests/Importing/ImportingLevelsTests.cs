using Laurel.Membership.Levels;
using Laurel.Membership.Programmes;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Importing;

/// <summary>A file of changes of level becomes the history of members, once and in order of time.</summary>
public sealed class ImportingLevelsTests : IDisposable
{
    private const string Header = "customer_id,level,date,why,since";

    private static readonly string[] s_mapped = ["--map", "customer=customer_id,level=level,date=date,reason=why,joined=since", "--operator", "olga"];

    private readonly ImportFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task MembersHaveTheirHistory_When_FileIsGood()
    {
        _folder.Write(
            Header, "anna,gold,2024-05-01,a good year,2024-01-01", "bert,silver,2024-02-29T16:00:00Z,,2024-01-02", "anna,silver,2024-03-01,spring,2024-01-01",
            "anna,silver,2024-03-01,spring,2024-01-01");

        var run = await _folder.ImportLevelsAsync(Cancellation, s_mapped);

        run.ExitCode.ShouldBe(0, run.Errors);
        (run["rows"], run["changes applied"], run["duplicates"], run["members made"], run["rejected"]).ShouldBe((4, 3, 1, 2, 0));
        string[] expected =
        [
            "anna bronze silver 2024-02-29T16:00:00Z spring", "anna silver gold 2024-04-30T16:00:00Z a good year", "bert bronze silver 2024-02-29T16:00:00Z imported",
        ];
        (await _folder.ReadLevelsAsync(Cancellation)).ShouldBe(expected);
        (await _folder.VerifyAsync(Cancellation)).ShouldBeEmpty();

        var again = await _folder.ImportLevelsAsync(Cancellation, s_mapped);
        again.ExitCode.ShouldBe(0, again.Errors);
        (again["changes applied"], again["duplicates"], again["members made"]).ShouldBe((0, 4, 0));
        (await _folder.ReadLevelsAsync(Cancellation)).ShouldBe(expected);

        _folder.Write(Header, "anna,silver,2024-03-01,spring,2024-01-01", "anna,gold,2024-05-01,a good year,2024-01-01", "anna,platinum,2025-05-01,a better one,2024-01-01");
        var longer = await _folder.ImportLevelsAsync(Cancellation, s_mapped);
        (longer.ExitCode, longer["changes applied"], longer["duplicates"]).ShouldBe((0, 1, 2));
        (await _folder.ReadLevelsAsync(Cancellation)).ShouldContain("anna gold platinum 2025-04-30T16:00:00Z a better one");
        (await _folder.VerifyAsync(Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task MembersHaveAHistoryInEachTrack_When_AColumnNamesOne()
    {
        await _folder.ChangeAsync(
            programme => programme with
            {
                Tracks = [new LevelTrack { Code = "vip", NameEnglish = "VIP", NameChinese = "贵宾", Levels = [LevelOf("guest", 0), LevelOf("star", 500)] }],
            },
            Cancellation);
        _folder.Write(
            "customer_id,level,date,track,since", "anna,star,2024-05-01,vip,2024-01-01", "anna,silver,2024-05-01,,2024-01-01", "anna,silver,2024-06-01,vip,2024-01-01",
            "anna,star,2024-06-02,pro,2024-01-01");

        string[] mapped = ["--map", "customer=customer_id,level=level,date=date,track=track,joined=since"];
        var run = await _folder.ImportLevelsAsync(Cancellation, mapped);

        run.ExitCode.ShouldBe(3, run.Errors);
        (run["changes applied"], run["rejected"]).ShouldBe((2, 2));
        _folder.ReadReport().OrderBy(row => row.Row).Select(row => $"{row.Row} {row.Column} {row.Code}").ShouldBe(["4 level LEVEL_NOT_FOUND", "5 track TRACK_NOT_FOUND"]);
        (await _folder.ReadLevelsAsync(Cancellation)).ShouldBe(
            ["anna guest star 2024-04-30T16:00:00Z imported", "anna bronze silver 2024-04-30T16:00:00Z imported"], ignoreOrder: true);
        (await _folder.ImportLevelsAsync(Cancellation, mapped))["duplicates"].ShouldBe(2);
        (await _folder.VerifyAsync(Cancellation)).ShouldBeEmpty();
    }

    private static Level LevelOf(string code, long threshold) => new()
    {
        Code = code,
        NameEnglish = code,
        NameChinese = code,
        Threshold = threshold,
        MultiplierBasisPoints = 10_000,
        DiscountBasisPoints = 10_000,
        FreeShippingFrom = 0,
    };

    [Fact]
    public async Task RowsAreReportedWithTheirLines_When_TheyAreWrong()
    {
        _folder.Write(
            Header,
            "anna,silver,2024-03-01,,2024-01-01",
            "anna,ruby,2024-04-01,,2024-01-01",
            "bert,silver,yesterday,,2024-01-01",
            "carl,,2024-03-01,,2024-01-01",
            "anna,gold,2999-01-01,,2024-01-01",
            "dora,silver,2023-12-31,,2024-01-01",
            "anna,gold,2024-03-01,,2024-01-01",
            "emil,silver,2024-03-01,\"no end,2024-01-01",
            "finn,silver",
            "anna,gold,2024-05-01,,2024-01-01");

        var run = await _folder.ImportLevelsAsync(Cancellation, s_mapped);

        run.ExitCode.ShouldBe(3, run.Errors);
        (run["changes applied"], run["rejected"]).ShouldBe((2, 8));
        _folder.ReadReport().OrderBy(row => row.Row).Select(row => $"{row.Row} {row.Column} {row.Code}").ShouldBe(
        [
            "3 level LEVEL_NOT_FOUND", "4 date DATE_INVALID", "5 level REQUIRED", "6 date TIME_IN_FUTURE", "7 date LEVEL_HISTORY_DISORDERED", "8 level CONFLICT",
            "9  QUOTES_BROKEN", "10  FIELDS_TOO_FEW",
        ]);
        (await _folder.ReadLevelsAsync(Cancellation)).ShouldBe(
            ["anna bronze silver 2024-02-29T16:00:00Z imported", "anna silver gold 2024-04-30T16:00:00Z imported"]);
        (await _folder.VerifyAsync(Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task RowsOfStrangersAreRejected_When_NoColumnSaysWhenTheyJoined()
    {
        _folder.Write("customer_id,level,date", "anna,silver,2024-03-01");

        var run = await _folder.ImportLevelsAsync(Cancellation);

        (run.ExitCode, run["rejected"], run["members made"]).ShouldBe((3, 1, 0));
        _folder.ReadReport().ShouldHaveSingleItem().Code.ShouldBe("MEMBER_NOT_FOUND");
    }

    [Theory]
    [InlineData("customer=customer_id,level=level", "does not say which column is 'date'")]
    [InlineData("customer=customer_id,level=level,date=date,amount=amount", "does not understand 'amount=amount'")]
    [InlineData("customer=customer_id,level=level,date=day", "no column 'day'")]
    public async Task NothingIsDone_When_TheMapIsWrong(string map, string mistake)
    {
        _folder.Write("customer_id,level,date", "anna,silver,2024-03-01");

        var run = await _folder.ImportLevelsAsync(Cancellation, "--map", map);

        run.ExitCode.ShouldBe(2);
        run.Errors.ShouldContain(mistake);
    }

    [Fact]
    public async Task GoesOnWhereItStopped_When_ItIsKilled()
    {
        const int Members = 12_000;
        string[] rows = [.. Enumerable.Range(0, Members).SelectMany(i => (string[])[$"m{i},silver,2024-03-01,,2024-01-01", $"m{i},gold,2024-04-01,,2024-01-01"])];
        _folder.Write([Header, .. rows]);
        await using (var process = _folder.StartLevels(s_mapped))
        {
            while (!process.HasExited && await _folder.CountLevelChangesAsync(Cancellation) == 0)
            {
                // The other process has no signal to wait for.
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancellation);
            }

            process.Kill();
            await process.WaitAsync(Cancellation);
        }

        var before = await _folder.CountLevelChangesAsync(Cancellation);
        before.ShouldBeInRange(1, (2 * Members) - 1);
        var run = await _folder.ImportLevelsAsync(Cancellation, s_mapped);

        run.ExitCode.ShouldBe(0, run.Errors);
        (run["changes applied"] + run["duplicates"]).ShouldBe(2 * Members);
        run["duplicates"].ShouldBe(before);
        (await _folder.CountLevelChangesAsync(Cancellation)).ShouldBe(2 * Members);
        (await _folder.VerifyAsync(Cancellation)).ShouldBeEmpty();
    }
}
