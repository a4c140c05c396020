using System.Collections.Immutable;

namespace Laurel.Membership.Watch;

/// <summary>The watch rules of a programme that nobody has changed: one for each measure, all switched off.</summary>
public static class StandardWatch
{
    public static ImmutableArray<WatchRule> All { get; } =
    [
        Off("earn_burst", "Many earnings in a day", "单日获得积分次数异常", WatchTrigger.Earn, WatchMeasure.Count, WatchUnit.Day, 1, 20, WatchAction.Flag),
        Off("earn_sum", "Many points in a day", "单日获得积分数量异常", WatchTrigger.Earn, WatchMeasure.Sum, WatchUnit.Day, 1, 5_000, WatchAction.Hold),
        Off("earn_ratio", "Far more than usual", "获得积分远高于平时", WatchTrigger.Earn, WatchMeasure.Ratio, WatchUnit.Month, 1, 100_000, WatchAction.Flag) with
        {
            EarlierWindows = 6,
            EarlierWindowsMin = 3,
            SumMin = 1_000,
        },
        Off("spend_burst", "Many spends in an hour", "一小时内使用积分次数异常", WatchTrigger.Spend, WatchMeasure.Count, WatchUnit.Hour, 1, 10, WatchAction.Hold),
        Off("transfer_in_burst", "Points from many hands", "频繁收到他人积分", WatchTrigger.TransferIn, WatchMeasure.Count, WatchUnit.Day, 7, 10, WatchAction.Freeze),
        Off("transfer_out_sum", "Many points given away", "大量转出积分", WatchTrigger.TransferOut, WatchMeasure.Sum, WatchUnit.Day, 30, 20_000, WatchAction.Refuse),
        Off("adjust_sum", "Many points by hand", "人工调整积分过多", WatchTrigger.Adjust, WatchMeasure.Sum, WatchUnit.Month, 1, 10_000, WatchAction.Flag),
        Off("shared_device", "One device, many members", "多个会员使用同一设备", WatchTrigger.Earn, WatchMeasure.MembersOfDevice, WatchUnit.Day, 7, 3, WatchAction.Flag),
        Off("shared_address", "One address, many members", "多个会员使用同一地址", WatchTrigger.Earn, WatchMeasure.MembersOfAddress, WatchUnit.Day, 30, 5, WatchAction.Flag),
        Off("referral_ring", "Invited each other", "互相邀请", WatchTrigger.Earn, WatchMeasure.ReferralRing, WatchUnit.Month, 12, 0, WatchAction.Hold),
        Off("referral_device", "Invited one device often", "邀请的好友共用设备", WatchTrigger.Earn, WatchMeasure.ReferralsOfDevice, WatchUnit.Day, 30, 2, WatchAction.Hold),
    ];

    private static WatchRule Off(
        string code,
        string english,
        string chinese,
        WatchTrigger trigger,
        WatchMeasure measure,
        WatchUnit unit,
        int length,
        long threshold,
        WatchAction action) => new()
        {
            Code = code,
            NameEnglish = english,
            NameChinese = chinese,
            Active = false,
            Trigger = trigger,
            Measure = measure,
            Window = new WatchWindow { Unit = unit, Length = length },
            Threshold = threshold,
            Action = action,
        };
}
