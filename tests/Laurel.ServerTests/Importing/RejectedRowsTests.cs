using System.Text;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Importing;

/// <summary>A file with a row of every bad kind, imported once for all tests of the class.</summary>
public sealed class FileOfBadRows : IAsyncLifetime
{
    public ImportFolder Folder { get; } = new();

    public ImportRun Run { get; private set; } = null!;

    public IReadOnlyList<ReportedRow> Report { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        Folder.Write(Content());
        Run = await Folder.ImportAsync(TestContext.Current.CancellationToken);
        Report = Folder.ReadReport();
    }

    public ValueTask DisposeAsync()
    {
        Folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private static byte[] Content()
    {
        string[] rows =
        [
            "order_id,customer_id,date,amount,remark",
            "good-1,anna,2024-03-01,10.00,",
            "b-3,bert,2024-03-01,ten,",
            "b-4,bert,2024-03-01,-5.00,",
            "b-5,bert,2024-03-01,1.005,",
            "b-6,bert,2024-02-30,10,",
            "b-7,bert,2900-01-01,10,",
            ",bert,2024-03-01,10,",
            new string('x', 129) + ",bert,2024-03-01,10,",
            "b-10,be\u0007rt,2024-03-01,10,",
            "b-11,bert,2024-03-01,10",
            "b-12,bert,2024-03-01,10,,",
            "\"b-13,bert,2024-03-01,10,",
            "b-14,be\"rt,2024-03-01,10,",
            "b-15,be\u00FFrt,2024-03-01,10,",
            "good-1,anna,2024-03-01,10.00,the same again",
            "good-1,anna,2024-03-01,11.00,not the same",
            "b-18,bert,2024-03-01,99999999999999999,",
            "b-19,,yesterday,much,",
            "b-20,be\0rt,2024-03-01,10,",
            "b-21,bert,2024-03-01,=1+1,",
            new string('y', 70_000) + ",bert,2024-03-01,10,",
            "b-23,bert,2024-03-01,10 ,\"closed\" too late",
            "good-2,carl,2024-03-02,20.00,\"two",
            "lines, \"\"quoted\"\"\"",
            "b-26,bert,2024-03-01,1e3,",
            "good-3,dora,2024-03-02,30.00,last",
        ];

        // Latin-1 leaves U+00FF one byte, which no UTF-8 holds.
        return Encoding.Latin1.GetBytes(string.Join('\n', rows));
    }
}

/// <summary>Bad rows are skipped and reported by row, column and code; the others are taken.</summary>
public sealed class RejectedRowsTests(FileOfBadRows file) : IClassFixture<FileOfBadRows>
{
    [Theory]
    [InlineData(3, "amount", "AMOUNT_INVALID")]
    [InlineData(4, "amount", "AMOUNT_NEGATIVE")]
    [InlineData(5, "amount", "AMOUNT_TOO_PRECISE")]
    [InlineData(6, "date", "DATE_INVALID")]
    [InlineData(7, "date", "TIME_IN_FUTURE")]
    [InlineData(8, "order_id", "REQUIRED")]
    [InlineData(9, "order_id", "TOO_LONG")]
    [InlineData(10, "customer_id", "INVALID_FORMAT")]
    [InlineData(11, "", "FIELDS_TOO_FEW")]
    [InlineData(12, "", "FIELDS_TOO_MANY")]
    [InlineData(13, "", "QUOTES_BROKEN")]
    [InlineData(14, "", "QUOTES_BROKEN")]
    [InlineData(15, "customer_id", "ENCODING_INVALID")]
    [InlineData(17, "order_id", "CONFLICT")]
    [InlineData(18, "amount", "AMOUNT_TOO_LARGE")]
    [InlineData(20, "customer_id", "INVALID_TEXT")]
    [InlineData(21, "amount", "AMOUNT_INVALID")]
    [InlineData(22, "", "ROW_TOO_LONG")]
    [InlineData(23, "", "QUOTES_BROKEN")]
    [InlineData(26, "amount", "AMOUNT_INVALID")]
    public void RowIsReported_When_ItIsBad(int row, string column, string code)
    {
        var reported = file.Report.Where(r => r.Row == row).ShouldHaveSingleItem();

        (reported.Column, reported.Code).ShouldBe((column, code));
        reported.Message.ShouldNotBeEmpty();
    }

    [Fact]
    public void EveryFaultIsReported_When_ARowHasSeveral() =>
        file.Report.Where(r => r.Row == 19).Select(r => (r.Column, r.Code)).ShouldBe(
            [("customer_id", "REQUIRED"), ("date", "DATE_INVALID"), ("amount", "AMOUNT_INVALID")]);

    [Fact]
    public async Task OtherRowsAreTaken_When_SomeAreBad()
    {
        var balances = await file.Folder.ReadBalancesAsync(new(2024, 7, 1, 0, 0, 0, TimeSpan.Zero), TestContext.Current.CancellationToken);

        balances.Keys.ShouldBe(["anna", "carl", "dora"], ignoreOrder: true);
        (balances["anna"].Available, balances["carl"].Available, balances["dora"].Available).ShouldBe((310, 320, 330));
    }

    [Fact]
    public void SummaryCountsRows_When_SomeAreBad()
    {
        file.Run.ExitCode.ShouldBe(3, file.Run.Errors);
        (file.Run["rows"], file.Run["orders applied"], file.Run["duplicates"]).ShouldBe((25, 3, 1));
        (file.Run["members made"], file.Run["rejected"]).ShouldBe((3, 21));
        file.Run.Output.ShouldContain(file.Folder.ErrorFile);
    }

    [Theory]
    [InlineData(4, "'-5.00")]
    [InlineData(21, "'=1+1")]
    [InlineData(10, "be\u2407rt")]
    [InlineData(20, "be\u2400rt")]
    public void ValueIsHarmless_When_ASpreadsheetWouldRunIt(int row, string value) =>
        file.Report.Single(r => r.Row == row).Value.ShouldBe(value);

    [Fact]
    public void ValueIsCut_When_ItIsLong() => file.Report.Single(r => r.Row == 22).Value.Length.ShouldBe(201);
}

/// <summary>What the engine refuses is reported like what the file gets wrong.</summary>
public sealed class RowsTheEngineRefusesTests : IDisposable
{
    private readonly ImportFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ConflictIsReported_When_AnOrderIsThereWithAnotherContent()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        _folder.Write("order_id,customer_id,date,amount", "o-1,anna,2024-03-01,10");
        await _folder.ImportAsync(cancellationToken);
        _folder.Write("order_id,customer_id,date,amount", "o-2,anna,2024-03-02,10", "o-1,anna,2024-03-01,99");

        var run = await _folder.ImportAsync(cancellationToken);

        run.ExitCode.ShouldBe(3, run.Errors);
        (run["orders applied"], run["rejected"]).ShouldBe((1, 1));
        var reported = _folder.ReadReport().ShouldHaveSingleItem();
        (reported.Row, reported.Column, reported.Code, reported.Value).ShouldBe((3, "order_id", "CONFLICT", "o-1"));
    }

    [Fact]
    public async Task ReportOfTheLastRunIsRemoved_When_NothingIsRejectedAnyMore()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        _folder.Write("order_id,customer_id,date,amount", "o-1,anna,2024-03-01,ten");
        await _folder.ImportAsync(cancellationToken);
        File.Exists(_folder.ErrorFile).ShouldBeTrue();
        _folder.Write("order_id,customer_id,date,amount", "o-1,anna,2024-03-01,10");

        var run = await _folder.ImportAsync(cancellationToken);

        (run.ExitCode, run["orders applied"]).ShouldBe((0, 1));
        File.Exists(_folder.ErrorFile).ShouldBeFalse();
    }
}
