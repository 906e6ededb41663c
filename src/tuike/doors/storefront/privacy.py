"""The privacy terms as people read them; their edition stands in tuike.people.rules and grows with each change."""

TITLE = ("隐私政策", "Privacy policy")
TEXT = (
    """一、我们收集什么
1. 微信登录：微信提供的用户标识（openid、unionid）。我们不获取您的微信昵称、头像或好友。
2. 手机号：仅在您主动授权时由微信提供，加密保存，用于联系您和找回账号。
3. 收货信息：收件人、电话、地区与详细地址，加密保存在订单中，用于配送；所在城市另用于不少于 10 人的群体统计，\
所在省份随成交动态显示（不含您的身份）。
4. 订单与售后：您购买的商品、金额、支付与退款状态、物流单号。
5. 推广归因：您打开推广链接的时间与商品，用于计算推客佣金；有效期届满后不再使用。
6. 您主动上传的内容：评价、供求信息、聊天留言及图片（图片中的拍摄位置等信息会被删除）。

二、我们如何使用
用于登录、下单、支付、配送、售后、结算佣金、发送您订阅的通知，以及依法保存账目。
我们不出售您的个人信息，也不会用于您未同意的用途。只有在您同意后，我们才会向您发送营销消息，您可以随时关闭。

三、与谁共享
商家：履行订单所需的收货信息与订单内容。微信支付：支付、退款与转账所需的信息。承运的快递公司：收货信息。
推客只能看到订单金额与佣金，看不到您的姓名、电话和地址。

四、保存多久
账号存续期间保存；注销后删除身份标识、手机号、昵称和登录记录。依法须保存的账目与订单金额不含您的个人信息地继续保存。

五、您的权利
您可以查看、更正手机号与地址，退出登录的设备，关闭通知，撤回同意，以及在“会员中心”注销账号。

六、未成年人
未满十四周岁的用户须由监护人同意后使用。

七、更新与联系
政策更新后会再次征求您的同意。如有疑问，请在小程序的消息中联系商城客服。""",
    """1. What we collect
Sign-in: the identifiers that WeChat gives us (openid, unionid). We don't get your WeChat name, picture or friends.
Phone number: only when you share it through WeChat; kept encrypted, to reach you and to recover your account.
Delivery: receiver, phone, region and address, kept encrypted with the order, to deliver it; the city is also used for \
figures about groups of ten people or more, and the province is shown beside orders as they come, without who you are.
Orders and claims: what you bought, amounts, the state of payments and refunds, tracking numbers.
Promotion: when you opened a promoter's link and for which product, to reckon the promoter's commission; not used \
any more after its window has ended.
What you upload: reviews, posts, messages and pictures (place and camera data in pictures are removed).

2. What we use it for
Signing in, ordering, paying, delivering, claims, paying commission, notices that you subscribed to, and books \
that the law makes us keep. We don't sell your data and don't use it for anything you haven't agreed to. Offers \
are sent only with your consent, and you can switch them off at any time.

3. Who else gets it
The shop: what it needs to fulfil your order. WeChat Pay: what payments, refunds and transfers need. The carrier: \
where the parcel goes. A promoter sees amounts and commission, never your name, phone or address.

4. How long
As long as your account exists. Closing it removes identifiers, phone, nickname and sign-in records. Books and \
amounts that the law makes us keep stay without your personal data.

5. Your rights
You can see and correct your phone and addresses, sign out devices, switch notices off, withdraw your consent, and \
close your account in the member centre.

6. Children
Under 14 only with a guardian's consent.

7. Changes and contact
After a change we ask for your consent again. Questions: write to the mall in the app's messages.""",
)
