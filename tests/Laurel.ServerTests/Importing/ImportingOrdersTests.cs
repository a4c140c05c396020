using System.Text;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Importing;

/// <summary>A file of orders becomes members, points and levels, once and in order of time.</summary>
public sealed class ImportingOrdersTests : IDisposable
{
    private const string Header = "order_id,customer_id,date,amount";

    private static readonly DateTimeOffset s_midsummer = new(2024, 7, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ImportFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task MembersHaveTheirPoints_When_FileIsGood()
    {
        _folder.Write(Header, "o-1,anna,2024-03-01,120.50", "o-2,bert,2024-03-02,0.99", "o-3,anna,2024-03-02,80");

        var run = await _folder.ImportAsync(Cancellation);

        run.ExitCode.ShouldBe(0, run.Errors);
        (run["rows"], run["orders applied"], run["duplicates"], run["members made"], run["rejected"]).ShouldBe((3, 3, 0, 2, 0));
        var balances = await _folder.ReadBalancesAsync(s_midsummer, Cancellation);
        balances["anna"].Available.ShouldBe(100 + 200 + 120 + 80);
        balances["bert"].Available.ShouldBe(100 + 200);
        File.Exists(_folder.ErrorFile).ShouldBeFalse();
    }

    [Fact]
    public async Task PaysNothingTwice_When_ImportedAgain()
    {
        _folder.Write(Header, "o-1,anna,2024-03-01,120.50", "o-2,bert,2024-03-02,0.99");
        await _folder.ImportAsync(Cancellation);
        var before = await _folder.ReadBalancesAsync(s_midsummer, Cancellation);

        var run = await _folder.ImportAsync(Cancellation);

        run.ExitCode.ShouldBe(0, run.Errors);
        (run["orders applied"], run["duplicates"], run["members made"]).ShouldBe((0, 2, 0));
        (await _folder.ReadBalancesAsync(s_midsummer, Cancellation)).ShouldBe(before, ignoreOrder: true);
    }

    [Fact]
    public async Task EarlierOrderDecidesFirst_When_FileIsNotInOrderOfTime()
    {
        // 1,000 yuan lift anna to silver, so that the later order is multiplied by 1.1; the other way round it is not.
        _folder.Write(Header, "late,anna,2024-03-02,100", "early,anna,2024-03-01,1000");

        var run = await _folder.ImportAsync(Cancellation);

        run.ExitCode.ShouldBe(0, run.Errors);
        (await _folder.ReadBalancesAsync(s_midsummer, Cancellation))["anna"].Lifetime.ShouldBe(100 + 200 + 1000 + 110);
    }

    [Fact]
    public async Task FileOrderDecides_When_OrdersAreOfOneDay()
    {
        _folder.Write(Header, "second-id,anna,2024-03-01,1000", "first-id,anna,2024-03-01,100");

        var run = await _folder.ImportAsync(Cancellation);

        run.ExitCode.ShouldBe(0, run.Errors);
        (await _folder.ReadBalancesAsync(s_midsummer, Cancellation))["anna"].Lifetime.ShouldBe(100 + 200 + 1000 + 110);
    }

    [Fact]
    public async Task DateIsStartOfTheBusinessDay_When_AskedAroundIt()
    {
        _folder.Write(Header, "o-1,anna,2024-03-01,10", "o-2,bert,2024-02-29T16:00:01Z,10");
        await _folder.ImportAsync(Cancellation);
        var midnightInShanghai = new DateTimeOffset(2024, 2, 29, 16, 0, 0, TimeSpan.Zero);

        var before = await _folder.ReadBalancesAsync(midnightInShanghai.AddSeconds(-1), Cancellation);
        var then = await _folder.ReadBalancesAsync(midnightInShanghai, Cancellation);

        before["anna"].Available.ShouldBe(0);
        then["anna"].Available.ShouldBe(310);
        then["bert"].Available.ShouldBe(0);
    }

    [Fact]
    public async Task MemberIsUsedAsIs_When_ItExists()
    {
        _folder.Write(Header, "o-1,anna,2024-03-01,10");
        await _folder.ImportAsync(Cancellation);
        _folder.Write(Header, "o-2,anna,2024-03-05,20", "o-3,bert,2024-03-05,20");

        var run = await _folder.ImportAsync(Cancellation);

        (run["orders applied"], run["members made"]).ShouldBe((2, 1));
        (await _folder.ReadBalancesAsync(s_midsummer, Cancellation))["anna"].Available.ShouldBe(330);
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("gb18030")]
    public async Task ChineseNamesAreKept_When_EncodingIsNamed(string name)
    {
        var encoding = name == "utf-8" ? Encoding.UTF8 : CodePagesEncodingProvider.Instance.GetEncoding(name)!;
        _folder.Write(encoding, "订单,顾客,日期,金额", "单-1,王小明,2024-03-01,12.30");

        var run = await _folder.ImportAsync(
            Cancellation,
            "--map",
            "order=订单,customer=顾客,date=日期,amount=金额",
            "--encoding",
            name);

        run.ExitCode.ShouldBe(0, run.Errors);
        (await _folder.ReadBalancesAsync(s_midsummer, Cancellation))["王小明"].Available.ShouldBe(312);
    }

    [Fact]
    public async Task ByteOrderMarkAndLineEndsDoNotMatter_When_FileIsFromASpreadsheet()
    {
        _folder.Write([.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Header + "\r\n\"o-1\",\"anna\",2024-03-01,\"10.00\"\r\n\r\n")]);

        var run = await _folder.ImportAsync(Cancellation);

        run.ExitCode.ShouldBe(0, run.Errors);
        run["orders applied"].ShouldBe(1);
    }

    [Fact]
    public async Task MissingColumnIsNamedWithThoseThere_When_HeaderLacksIt()
    {
        _folder.Write("order_id,customer_id,day,amount", "o-1,anna,2024-03-01,10");

        var run = await _folder.ImportAsync(Cancellation);

        run.ExitCode.ShouldBe(2);
        run.Errors.ShouldContain("no column 'date'");
        run.Errors.ShouldContain("order_id, customer_id, day, amount");
        Directory.Exists(_folder.DataFolder).ShouldBeFalse("A file that cannot be used touches no data.");
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("订单,顾客,日期,金额\n", "cannot be decoded")]
    [InlineData("\"order_id,customer_id,date,amount\no-1,anna,2024-03-01,10\n", "not a CSV header")]
    [InlineData("order_id,order_id,customer_id,date,amount\n", "'order_id' is there 2 times")]
    public async Task FileIsRefused_When_HeaderCannotBeUsed(string content, string sentence)
    {
        // Bytes of GB 18030, read as UTF-8.
        _folder.Write(CodePagesEncodingProvider.Instance.GetEncoding("gb18030")!.GetBytes(content));

        var run = await _folder.ImportAsync(Cancellation);

        run.ExitCode.ShouldBe(2);
        run.Errors.ShouldContain(sentence);
    }

    [Theory]
    [InlineData("--currency", "USD", "The programme's currency is CNY")]
    [InlineData("--currency", "yuan", "--currency is a code")]
    [InlineData("--encoding", "latin-9", "--encoding is utf-8 or gb18030")]
    [InlineData("--map", "order=order_id,customer=customer_id,date=date", "'amount'")]
    [InlineData("--map", "order=order_id,order=id,customer=customer_id,date=date,amount=amount", "'order' twice")]
    [InlineData("--map", "orders=order_id", "does not understand 'orders=order_id'")]
    public async Task CommandIsRefused_When_AnOptionIsWrong(string option, string value, string sentence)
    {
        _folder.Write(Header, "o-1,anna,2024-03-01,10");

        var run = await _folder.ImportAsync(Cancellation, option, value);

        run.ExitCode.ShouldBe(2);
        run.Errors.ShouldContain(sentence);
    }

    [Fact]
    public async Task CommandIsRefused_When_ThereIsNoFile()
    {
        var run = await _folder.ImportAsync(Cancellation);

        run.ExitCode.ShouldBe(2);
        run.Errors.ShouldContain("There is no file");
    }
}
